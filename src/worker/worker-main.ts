// The process of a worker: listens on the port it is given, says when it is ready, ends with the process that spawned it.
//
// Its parent tells it over their channel where to listen and whose requests to run. It answers `ready`, `port-refused`, or
// `port-taken` and waits for another port.

import { fixedToken, type TokenSource } from '../wire/token-proof.ts';
import type { ParentMessage, PortRefusal, WorkerMessage, WorkerToken } from '../protocol.ts';
import { endWithParent } from './driver-death.ts';
import { ListeningWorker } from './listening-worker.ts';
import { tokenSource } from './token-source.ts';

/** What a request is told that its parent has not signed, if no other may. */
const PARENT_ONLY = 'this worker runs only what the driver asks that has started it';

let source: TokenSource = fixedToken('');
let refusal: string | undefined;
const worker = new ListeningWorker({ token: { current: () => source.current() }, refusal: () => refusal });
// Ctrl-C and a terminal that is closed reach the whole process group: the parent decides when its workers end.
process.on('SIGINT', () => {}).on('SIGHUP', () => {});
// Node would listen for a debugger, on a port that is open to every user of the machine.
process.on('SIGUSR1', () => {});
endWithParent();
process.on('message', ({ port, token }: ParentMessage) => {
  if (token !== undefined) obey(token);
  void listen(port);
});

function obey(token: WorkerToken): void {
  if (token.of === 'parent') {
    source = fixedToken(token.token);
    refusal = PARENT_ONLY;
  } else source = tokenSource(token.given, token.file);
}

async function listen(port: number): Promise<void> {
  try {
    if (!(await worker.listen(port))) return tell({ type: 'port-taken', port });
  } catch (error) {
    // The parent decides: it is asked for this port, and has others to ask.
    const { code, errno, syscall } = error as PortRefusal;
    return tell({ type: 'port-refused', port, refusal: { code, errno, syscall } });
  }
  tell({ type: 'ready', port });
  worker.prepare();
}

function tell(message: WorkerMessage): void {
  process.send?.(message);
}

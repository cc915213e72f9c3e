// The process of a worker: listens on the port that it is given, reports when it is ready, ends with its parent process.
//
// Over their channel the parent sends the port and whose requests to run. The worker replies with `ready`, with `port-refused`,
// or with `port-taken`, after which it waits for another port.

import { fixedToken, type TokenSource } from '../wire/token-proof.ts';
import type { ParentMessage, PortRefusal, WorkerMessage, WorkerToken } from '../protocol.ts';
import { endWithParent } from './driver-death.ts';
import { ListeningWorker } from './listening-worker.ts';
import { tokenSource } from './token-source.ts';

/** The message for a request that the parent has not signed, if no other caller may. */
const PARENT_ONLY = 'this worker runs only requests of the driver that has started it';

let source: TokenSource = fixedToken('');
let refusal: string | undefined;
const worker = new ListeningWorker({ token: { current: () => source.current() }, refusal: () => refusal });
// Ctrl-C and the closing of a terminal reach the whole process group, but the parent decides when its workers end.
process.on('SIGINT', () => {}).on('SIGHUP', () => {});
// By default Node would listen for a debugger, on a port that is open to every user of the machine.
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
    // The parent decides what to do: the user named this port to it.
    const { code, errno, syscall } = error as PortRefusal;
    return tell({ type: 'port-refused', port, refusal: { code, errno, syscall } });
  }
  tell({ type: 'ready', port });
  worker.prepare();
}

function tell(message: WorkerMessage): void {
  process.send?.(message);
}

// The process of a worker: listens on the port it is given, says when it is ready, ends with the process that spawned it.
//
// `node main.ts PORT`, the token in MAPREDUCE_TOKEN or in the file that MAPREDUCE_TOKEN_FILE names. Over the channel to
// its parent it says `ready`, or `port-taken` and waits for another port.

import type { ParentMessage, WorkerMessage } from '../protocol.ts';
import { ListeningWorker } from './listening-worker.ts';
import { tokenSource } from './token-source.ts';

const { MAPREDUCE_TOKEN = '', MAPREDUCE_TOKEN_FILE = '' } = process.env;
const worker = new ListeningWorker(tokenSource(MAPREDUCE_TOKEN, MAPREDUCE_TOKEN_FILE));
// Ctrl-C reaches the whole process group: the parent decides when its workers end.
process.on('SIGINT', () => {});
process.on('disconnect', () => process.exit());
process.on('message', (message: ParentMessage) => void listen(message.port));
void listen(Number(process.argv[2]));

async function listen(port: number): Promise<void> {
  if (!(await worker.listen(port))) return tell({ type: 'port-taken', port });
  tell({ type: 'ready', port });
  worker.prepare();
}

function tell(message: WorkerMessage): void {
  process.send?.(message);
}

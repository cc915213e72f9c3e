// The process of a worker: listens on the port it is given, says when it is ready, ends with the process that spawned it.
//
// `node main.ts PORT`, the token in MAPREDUCE_TOKEN or in the file that MAPREDUCE_TOKEN_FILE names. Over the channel to
// its parent it says `ready`, or `port-taken` and waits for another port.

import { readFileSync } from 'node:fs';
import { flushCompileCache } from 'node:module';

import { codeOf } from '../errors.ts';
import type { ParentMessage, WorkerMessage } from '../protocol.ts';
import { Executor } from './executor.ts';
import { sameToken, type TokenSource, workerServer } from './server.ts';

const HOST = '127.0.0.1';

const executor = new Executor();
const server = workerServer({ token: tokenSource(), executor });
// Ctrl-C reaches the whole process group: the parent decides when its workers end.
process.on('SIGINT', () => {});
process.on('disconnect', () => process.exit());
process.on('message', (message: ParentMessage) => void listen(message.port));
void listen(Number(process.argv[2]));

async function listen(port: number): Promise<void> {
  try {
    await server.listen({ port, host: HOST });
    tell({ type: 'ready', port });
    // A worker is killed in the end, which would lose what it has compiled.
    flushCompileCache();
    executor.prepare();
  } catch (error) {
    if (codeOf(error) !== 'EADDRINUSE') throw error;
    tell({ type: 'port-taken', port });
  }
}

function tell(message: WorkerMessage): void {
  process.send?.(message);
}

/** The token may be made anew while this worker lives, after a reset: one that it does not know is looked up. */
function tokenSource(): TokenSource {
  const { MAPREDUCE_TOKEN: fixed = '', MAPREDUCE_TOKEN_FILE: file = '' } = process.env;
  if (fixed !== '') return { current: () => fixed, is: (token) => sameToken(token, fixed) };
  let known = readToken(file);
  const current = (): string => (known = readToken(file));
  return { current, is: (token) => sameToken(token, known) || sameToken(token, current()) };
}

function readToken(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return '';
  }
}

// Reports where the user's code calls `process.exit()`, before that ends its thread.

import { fileURLToPath } from 'node:url';
import { parentPort } from 'node:worker_threads';

import type { Exiting } from './user-thread.ts';

/** From now on a call of `process.exit()` in this thread sends its file and line to the thread's owner. */
export function tellExits(): void {
  const exit = process.exit.bind(process);
  process.exit = (code) => {
    const exitingAt = callerIn(new Error().stack ?? '');
    if (exitingAt !== undefined) parentPort?.postMessage({ exitingAt } satisfies Exiting);
    return exit(code);
  };
}

/** The file and line of the caller of the function that made this stack, as `path:line`. */
function callerIn(stack: string): string | undefined {
  const [, url, line] = /(file:\/\/\S+?):(\d+):\d+\)?$/m.exec(stack.split('\n').slice(2).join('\n')) ?? [];
  return url === undefined ? undefined : `${fileURLToPath(url)}:${line}`;
}

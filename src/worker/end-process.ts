// The end of a worker's process, whatever its threads do. `process.exit()` waits for threads, and one that is in a call of
// the system that does not return would keep it.

import { readdirSync, readFileSync, writeSync } from 'node:fs';

const STDERR = 2;

/** Ends this process at once, and the processes that the job's code has started. */
export function endProcess(): never {
  endChildren(process.pid);
  process.kill(process.pid, 'SIGKILL');
  // The signal may come a moment later.
  for (;;) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
}

/** Ends this process because a thread of it cannot be ended. */
export function abandonProcess(): never {
  try {
    writeSync(STDERR, "the job's code cannot be ended, so this worker's process ends with it\n");
  } catch {
    // Nobody reads it.
  }
  return endProcess();
}

function endChildren(pid: number): void {
  for (const child of childrenOf(pid)) {
    endChildren(child);
    try {
      process.kill(child, 'SIGKILL');
    } catch {
      // It has ended by itself.
    }
  }
}

/** Known only where there is a /proc. */
function childrenOf(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
      (readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').match(/\d+/g) ?? []).map(Number),
    );
  } catch {
    return [];
  }
}

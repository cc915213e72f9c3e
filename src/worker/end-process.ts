// Ends a worker's process, whatever its threads do. `process.exit()` waits for threads: one in a system call that does not
// return would keep the process alive.

import { readdirSync, readFileSync, writeSync } from 'node:fs';

const STDERR = 2;

/** Ends this process at once, with the processes that the job's code has started. */
export function endProcess(): never {
  endChildren(process.pid);
  process.kill(process.pid, 'SIGKILL');
  // The signal may arrive a moment later.
  for (;;) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
}

/** Ends this process because one of its threads cannot be ended. */
export function abandonProcess(): never {
  try {
    writeSync(STDERR, "the job's code cannot be ended, so this worker's process ends with it\n");
  } catch {
    // Nobody reads stderr any more.
  }
  return endProcess();
}

function endChildren(pid: number): void {
  for (const child of childrenOf(pid)) {
    endChildren(child);
    try {
      process.kill(child, 'SIGKILL');
    } catch {
      // It has ended already.
    }
  }
}

/** The children of a process; none on a system without /proc. */
function childrenOf(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
      (readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').match(/\d+/g) ?? []).map(Number),
    );
  } catch {
    return [];
  }
}

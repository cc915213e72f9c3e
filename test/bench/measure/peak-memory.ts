// Reads the peaks of memory of a process and of all that it starts, as the operating system has recorded them.

import { readFileSync } from 'node:fs';

export interface Peaks {
  /** The peak in MiB of the process that was started: the driver, if the command is ours. */
  readonly firstMiB: number;
  /** The largest peak in MiB of all other processes: a worker, if the command is ours; 0 if there was none. */
  readonly othersMiB: number;
  readonly processCount: number;
}

/** How often to look. The system keeps the high-water mark, so a look only misses what a process grows just before its end. */
const POLL_MS = 40;

export class PeakMemory {
  readonly #first: number | undefined;
  readonly #others: readonly number[];
  readonly #peaksKiB = new Map<number, number>();
  readonly #timer: NodeJS.Timeout;

  /** Looks at the process `first`, at the processes below it, and at `others`. */
  constructor(first: number | undefined, others: readonly number[] = []) {
    this.#first = first;
    this.#others = others;
    this.#timer = setInterval(() => this.#look(), POLL_MS);
    this.#look();
  }

  /** The peaks so far; undefined if the system has no /proc. */
  stop(): Peaks | undefined {
    clearInterval(this.#timer);
    if (this.#first === undefined || !this.#peaksKiB.has(this.#first)) return undefined;
    const others = [...this.#peaksKiB].filter(([pid]) => pid !== this.#first).map(([, peak]) => peak);
    return {
      firstMiB: this.#peaksKiB.get(this.#first)! / 1024,
      othersMiB: Math.max(0, ...others) / 1024,
      processCount: this.#peaksKiB.size,
    };
  }

  #look(): void {
    const pids = [...this.#others, ...(this.#first === undefined ? [] : [this.#first])];
    for (let pid = pids.pop(); pid !== undefined; pid = pids.pop()) {
      const peak = /^VmHWM:\s*(\d+) kB$/m.exec(read(`/proc/${pid}/status`))?.[1];
      if (peak === undefined) continue;
      // If a process calls exec, a new high-water mark begins.
      this.#peaksKiB.set(pid, Math.max(Number(peak), this.#peaksKiB.get(pid) ?? 0));
      // Node starts processes from its main thread, and a shell has no other.
      const children = read(`/proc/${pid}/task/${pid}/children`);
      pids.push(...(children.match(/\d+/g) ?? []).map(Number));
    }
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}

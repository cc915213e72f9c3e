// Remembers files that were read and found to be correct. A file that has not been touched since need not be read again: every
// write to a file changes its times, and only the system can set its time of change.

import { type BigIntStats, statSync } from 'node:fs';

import { type Expected, verifyFile } from './verify-file.ts';

/** The clock of a file system advances in steps of up to 10 ms: two changes within a step have the same time. */
const STEP_NS = 20_000_000n;
const NS_PER_MS = 1_000_000n;

export class CheckedFiles {
  readonly #marks = new Map<string, string>();

  /** Describes what is wrong with a file; undefined if it is correct. */
  async check(path: string, expected: Expected): Promise<string | undefined> {
    const stats = statSync(path, { bigint: true, throwIfNoEntry: false });
    const mark = stats === undefined ? undefined : markOf(stats);
    if (mark !== undefined && mark === this.#marks.get(path)) return undefined;
    const problem = await verifyFile(path, expected);
    if (problem === undefined && mark !== undefined) this.#marks.set(path, mark);
    else this.#marks.delete(path);
    return problem;
  }
}

/** A mark that changes with the file; undefined if another change now might leave the times as they are. */
function markOf({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): string | undefined {
  const isFine = mtimeNs % NS_PER_MS !== 0n;
  const isOld = BigInt(Date.now()) * NS_PER_MS - mtimeNs > STEP_NS;
  return isFine && isOld ? [dev, ino, size, mtimeNs, ctimeNs].join() : undefined;
}

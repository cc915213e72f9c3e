// Compares the output of a run with the output of the sequential runner. Neither is held in memory: sums show whether they have the
// same lines. Only if they do not, both are searched for the first line that differs.

import { closeSync, openSync, rmSync, writeSync } from 'node:fs';

import { VerifyError } from '../errors.ts';
import { withRoom } from '../machine/full-disk.ts';
import { compareUtf8 } from '../shuffle/order.ts';
import { firstDifference } from './first-difference.ts';
import { LineSums } from './line-sums.ts';
import { blocksIn, blocksOf } from './output-blocks.ts';

/** The most bytes of lines that the search for a difference holds. */
const SEARCH_BYTES = 1 << 28;
/** The most characters of a line that are shown, and how many of them are before the difference. */
const MOST_SHOWN = 200;
const SHOWN_BEFORE = 40;

/**
 * Compares output files with the output of a sequential run. That comes piece by piece, and is kept meanwhile in a file that is made
 * at `scratch` and unlinked at once. Returns the number of lines of each.
 * @throws VerifyError, which names the first key whose result differs; SystemError if the machine refuses
 */
export async function verifyOutput(
  outputs: readonly string[],
  scratch: string,
  sequential: AsyncIterable<Buffer> | Iterable<Buffer>,
  searchBytes = SEARCH_BYTES,
): Promise<number> {
  using kept = new KeptBytes(scratch);
  const expected = new LineSums();
  for await (const piece of sequential) {
    expected.add(piece);
    kept.add(piece);
  }
  const found = new LineSums();
  for (const block of blocksOf(outputs)) found.add(block);
  // A result that contains line ends counts as several lines on both sides.
  if (found.equals(expected)) return found.lines;
  throw new VerifyError(differenceText(kept, outputs, searchBytes));
}

function differenceText(kept: KeptBytes, outputs: readonly string[], searchBytes: number): string {
  const difference = firstDifference(
    () => kept.blocks(),
    () => blocksOf(outputs),
    searchBytes,
  );
  const differs = 'the output differs from the sequential run';
  if (difference === undefined)
    return `${differs}: it has the same lines, but a line end is missing, or there is one too many`;
  const { expected, found } = difference;
  const from = shownFrom(expected, found);
  return (
    `${differs}; first at key ${JSON.stringify(firstKey(expected, found))}: ` +
    `expected ${quoted(expected, from)}, found ${quoted(found, from)}`
  );
}

/** Keeps bytes in a file, to be read again and again. The file is gone with this process, however that ends. */
class KeptBytes implements Disposable {
  readonly #path: string;
  readonly #fd: number;

  constructor(path: string) {
    this.#path = path;
    this.#fd = withRoom(path, 0, () => openSync(path, 'w+'));
    rmSync(path);
  }

  add(bytes: Buffer): void {
    withRoom(this.#path, bytes.length, () => {
      for (let written = 0; written < bytes.length;) written += writeSync(this.#fd, bytes, written);
    });
  }

  /** The blocks of the file, each in the same memory. */
  blocks(): Generator<Buffer> {
    return blocksIn(this.#fd, this.#path);
  }

  [Symbol.dispose](): void {
    closeSync(this.#fd);
  }
}

function firstKey(expected: string | undefined, found: string | undefined): string {
  const keys = [expected, found].filter((line) => line !== undefined).map((line) => line.split('\t', 1)[0] ?? '');
  const [key = ''] = keys.sort(compareUtf8);
  return key.length > MOST_SHOWN ? `${key.slice(0, MOST_SHOWN)}…` : key;
}

/** From which character on two lines are shown: from the start, unless two long lines begin alike. */
function shownFrom(expected = '', found = ''): number {
  let at = 0;
  while (at < expected.length && expected[at] === found[at]) at++;
  return at < MOST_SHOWN ? 0 : at - SHOWN_BEFORE;
}

function quoted(line: string | undefined, from: number): string {
  if (line === undefined) return 'nothing more';
  const shown = line.slice(from, from + MOST_SHOWN);
  return JSON.stringify(`${from === 0 ? '' : '…'}${shown}${from + MOST_SHOWN < line.length ? '…' : ''}`);
}

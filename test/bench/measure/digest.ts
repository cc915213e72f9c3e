// Compares two outputs by a digest of their sorted lines.

import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { dirname } from 'node:path';

export interface Digest {
  readonly lineCount: number;
  readonly sha256: string;
}

/** The output of a contestant. */
export interface Output {
  readonly files: readonly string[];
  /** Whether each of the files claims to be in the order of `LC_ALL=C sort`: they are then merged, not sorted again. */
  readonly sorted?: boolean;
  /** Whether all files, one after another, claim to be in that order: they are then read as they are. */
  readonly totalOrder?: boolean;
  /** Whether the lines are those of `uniq -c`, not `key TAB count`. */
  readonly countsFirst?: boolean;
}

const SORT_MEMORY = '1G';
const LF = 0x0a;

/** `uniq -c` also counts what `tr` leaves of separators and of dashes, which are not words. */
const COUNTS_LAST = String.raw`awk '{ count = $1; sub(/^ *[0-9]+ /, ""); if ($0 != "" && $0 !~ /^\342/) print $0 "\t" count }' "$@"`;

/** A file that claims to be sorted and is not has another digest, since merging does not sort it. */
export async function digestOf(output: Output): Promise<Digest> {
  const { files } = output;
  const script = scriptFor(output);
  const child = spawn('sh', ['-c', script, 'sh', ...files], {
    env: { ...process.env, TMPDIR: dirname(files[0] ?? tmpdir()), LC_ALL: 'C' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit') as Promise<[number | null]>;
  const hash = createHash('sha256');
  let lineCount = 0;
  for await (const block of child.stdout as AsyncIterable<Buffer>) {
    hash.update(block);
    for (let at = block.indexOf(LF); at >= 0; at = block.indexOf(LF, at + 1)) lineCount++;
  }
  const [exitCode] = await exited;
  if (exitCode !== 0) throw new Error(`sort ended with ${exitCode}`);
  return { lineCount, sha256: hash.digest('hex') };
}

function scriptFor({ sorted = false, totalOrder = false, countsFirst = false }: Output): string {
  const sort = `sort -S ${SORT_MEMORY}`;
  if (totalOrder) return 'cat "$@"';
  if (countsFirst) return `${COUNTS_LAST} | ${sort}`;
  return `${sorted ? `${sort} -m` : sort} "$@"`;
}

/** Describes the difference of two outputs; undefined if they are the same. */
export function differenceOf(found: Digest, expected: Digest): string | undefined {
  if (found.sha256 === expected.sha256) return undefined;
  return found.lineCount === expected.lineCount
    ? `the output has ${expected.lineCount} lines, as expected, but different ones or in another order`
    : `expected ${expected.lineCount} lines, found ${found.lineCount}`;
}

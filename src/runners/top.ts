// The top of an output: the keys with the largest numbers, or where results are not numbers, the first lines.

import { statSync } from 'node:fs';

import { readBlocks } from '../formats/blocks.ts';
import { lines } from '../formats/lines.ts';

/** Outputs beyond this size are not read through just for a look at them. */
const LOOK_BYTES = 256 * 1024 * 1024;

export interface Top {
  /** `value`: sorted by falling number; equal ones by key. `first`: lines as they stand. */
  readonly by: 'value' | 'first';
  readonly lines: readonly { readonly key: string; readonly value: string }[];
  readonly lineCount: number;
}

/** The top `count` lines of output files, undefined where they are too big to look through. */
export function topOf(files: readonly string[], count: number): Top | undefined {
  const bytes = files.reduce((sum, file) => sum + statSync(file).size, 0);
  if (bytes > LOOK_BYTES) return undefined;
  const first: { key: string; value: string }[] = [];
  let largest: { key: string; value: string; number: number }[] | undefined = [];
  let lineCount = 0;
  for (const file of files) {
    for (const line of linesOf(file)) {
      const tab = line.indexOf('\t');
      const [key, value] = tab < 0 ? [line, ''] : [line.slice(0, tab), line.slice(tab + 1)];
      const number = value === '' ? NaN : Number(value);
      lineCount++;
      if (first.length < count) first.push({ key, value });
      if (largest === undefined) continue;
      if (Number.isNaN(number)) largest = undefined;
      else if (largest.length < count || isLarger(number, key, largest.at(-1)!))
        insert(largest, { key, value, number }, count);
    }
  }
  return { by: largest === undefined ? 'first' : 'value', lines: largest ?? first, lineCount };
}

function* linesOf(path: string): Generator<string> {
  const { size, mtimeMs } = statSync(path);
  const cursor = lines().open(path, 0);
  for (const block of readBlocks({ file: path, path, start: 0, end: size, sizeBytes: size, mtimeMs })) {
    cursor.feed(block);
    while (cursor.next()) yield cursor.record;
  }
  cursor.finish();
  while (cursor.next()) yield cursor.record;
}

interface Numbered {
  readonly key: string;
  readonly value: string;
  readonly number: number;
}

function isLarger(number: number, key: string, last: Numbered): boolean {
  return number > last.number || (number === last.number && key < last.key);
}

function insert(largest: Numbered[], line: Numbered, count: number): void {
  largest.push(line);
  largest.sort((a, b) => b.number - a.number || Buffer.compare(Buffer.from(a.key), Buffer.from(b.key)));
  if (largest.length > count) largest.pop();
}

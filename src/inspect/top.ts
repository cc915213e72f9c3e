// Finds the top of an output: the keys with the largest numbers, the first keys in order, or, if results are not numbers, the first
// lines. Only the top is held in memory, however long the output is.

import { readdirSync } from 'node:fs';
import { join } from 'node:path';

import { UsageError } from '../errors.ts';
import { compareUtf8 } from '../shuffle/order.ts';
import { type BoundedLine, boundedLines } from './bounded-lines.ts';
import { blocksOf } from './output-blocks.ts';

const OUT = 'out-';
const TAB = 0x09;
const ZERO = 0x30;
/** The most bytes of a key or a value that are held: nobody looks at more, and no number has that many digits. */
const MOST_BYTES = 1 << 16;
/** An integer with at most this many digits is a safe integer. */
const SAFE_DIGITS = 15;

interface TopLine {
  readonly key: string;
  readonly value: string;
}

export interface Top {
  /** `value`: the largest numbers first, equal ones by key. `key`: by the bytes of the key. `first`: in the order of the files. */
  readonly by: 'value' | 'key' | 'first';
  readonly lines: readonly TopLine[];
  readonly lineCount: number;
}

/**
 * The top `count` lines of output files. Without `by`, they are by value if all values are numbers, otherwise the first lines.
 * @throws UsageError if `by` is `value` and a value is not a number
 */
export function topOf(files: readonly string[], count: number, by?: 'value' | 'key'): Top {
  const first: TopLine[] = [];
  const top = new TopLines(count, by === 'key' ? byKey : byNumber);
  let isSorted = true;
  let lineCount = 0;
  for (const file of files) {
    for (const line of boundedLines(blocksOf([file]), MOST_BYTES)) {
      lineCount++;
      if (first.length < count) first.push(textsOf(line));
      if (!isSorted) continue;
      const number = by === 'key' ? 0 : numberIn(line);
      if (Number.isNaN(number)) {
        if (by === 'value') throw new UsageError(noNumber(file, textsOf(line)));
        isSorted = false;
      } else if (by === 'key' || top.takes(number)) {
        top.add({ ...textsOf(line), number });
      }
    }
  }
  return { by: isSorted ? (by ?? 'value') : 'first', lines: isSorted ? top.lines.map(bare) : first, lineCount };
}

/**
 * The output files of a directory, `out-0` first.
 * @throws UsageError if there are none
 */
export function outputsIn(folder: string): string[] {
  const names = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile() && /^out-\d+$/.test(entry.name))
    .map(({ name }) => name);
  if (names.length === 0)
    throw new UsageError(
      `show ${folder}: expected a chunk or a sorted file, found EISDIR: a directory without outputs (out-0 …)`,
    );
  const numberOf = (name: string): number => Number(name.slice(OUT.length));
  const first = names.sort().find((name) => numberOf(name) === 0);
  // The outputs of one run have names of one length or, as older versions named them, numbers without leading zeros.
  const isOfRun = (name: string): boolean =>
    first === undefined || (first === `${OUT}0` ? /^out-(0|[1-9]\d*)$/.test(name) : name.length === first.length);
  return names
    .filter(isOfRun)
    .sort((a, b) => numberOf(a) - numberOf(b))
    .map((name) => join(folder, name));
}

interface Numbered extends TopLine {
  readonly number: number;
}

type Order = (a: Numbered, b: Numbered) => number;

/** Keeps the first `count` lines in an order; of equal lines, those that came first. */
class TopLines {
  readonly lines: Numbered[] = [];
  readonly #count: number;
  readonly #order: Order;

  constructor(count: number, order: Order) {
    this.#count = count;
    this.#order = order;
  }

  /** Whether a line with this number may be among them. Nearly no line of a long output is, and need not be made a string. */
  takes(number: number): boolean {
    const { lines } = this;
    return lines.length < this.#count || number >= lines.at(-1)!.number;
  }

  add(line: Numbered): void {
    const { lines } = this;
    if (lines.length === this.#count && this.#order(line, lines.at(-1)!) >= 0) return;
    let [low, high] = [0, lines.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#order(lines[middle]!, line) <= 0) low = middle + 1;
      else high = middle;
    }
    lines.splice(low, 0, line);
    if (lines.length > this.#count) lines.pop();
  }
}

function byNumber(a: Numbered, b: Numbered): number {
  // Not by subtraction alone: the difference of two equal infinities is NaN.
  return a.number === b.number ? byKey(a, b) : b.number - a.number;
}

function byKey(a: TopLine, b: TopLine): number {
  return compareUtf8(a.key, b.key);
}

function textsOf(line: BoundedLine): TopLine {
  const text = line.toString();
  const tab = text.indexOf('\t');
  return tab < 0 ? { key: text, value: '' } : { key: text.slice(0, tab), value: text.slice(tab + 1) };
}

/** The number that is the value of a line; NaN if it is not a number. */
function numberIn(line: BoundedLine): number {
  const { buffer, start, end, leftOut } = line;
  if (leftOut?.isOfValue === true) return Number.NaN;
  let at = start;
  while (at < end && buffer[at] !== TAB) at++;
  const valueStart = at + 1;
  let number = 0;
  for (at = valueStart; at < end; at++) {
    const digit = buffer[at]! - ZERO;
    if (digit < 0 || digit > 9) break;
    number = 10 * number + digit;
  }
  if (at === end && end > valueStart && end - valueStart <= SAFE_DIGITS) return number;
  const { value } = textsOf(line);
  return value === '' ? Number.NaN : Number(value);
}

function bare({ key, value }: TopLine): TopLine {
  return { key, value };
}

function noNumber(file: string, { key, value }: TopLine): string {
  const short = (text: string): string => JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
  return `${file}: expected numbers as values for --by value, found ${short(value)} for the key ${short(key)}`;
}

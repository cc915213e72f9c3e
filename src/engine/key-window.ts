// The keys of one pass of a sequential run, with their values: the next ones in the order of their UTF-8 bytes, as many as fit into
// memory.

import { SystemError } from '../errors.ts';
import { compareUtf8 } from '../shuffle/order.ts';
import { valueBytes } from '../shuffle/value-size.ts';
import { ownTexts } from './own-texts.ts';

/** What V8 takes for a key and the list of its values, and for a place in that list, which grows by half at a time. */
const GROUP_BYTES = 200;
const PLACE_BYTES = 12;
const MEBIBYTE = 2 ** 20;
/** Half of a character of two units. */
const HALF = /[\ud800-\udfff]/;
/** To sort millions of keys takes seconds each time: where to part them is told by a sample. */
const SAMPLE = 1000;
const LEAST_SAMPLED = 10 * SAMPLE;
const MOST_SHOWN = 200;

export interface Group {
  readonly key: string;
  readonly values: unknown[];
  bytes: number;
}

/** Takes pairs in any order. What does not fit is left to the next window, which begins at the key at which this one ends. */
export class KeyWindow {
  /** The first key that is left out; undefined if none is. */
  end: string | undefined;
  readonly #from: string | undefined;
  readonly #mostBytes: number;
  readonly #groups = new Map<string, Group>();
  #bytes = 0;
  /** Whether the order of the keys' UTF-16 units is that of their UTF-8 bytes: no character has two units. */
  #isByUnits = true;

  constructor(from: string | undefined, mostBytes: number) {
    this.#from = from;
    this.#mostBytes = mostBytes;
  }

  /** Whether a key, which is well-formed, belongs to this window. */
  has(key: string): boolean {
    return (
      (this.#from === undefined || compareUtf8(key, this.#from) >= 0) &&
      (this.end === undefined || compareUtf8(key, this.end) < 0)
    );
  }

  /**
   * Adds a value, which from now on belongs to the window, to a key that does.
   * @throws SystemError if one key has more values than there is memory for
   */
  add(key: string, value: unknown): void {
    let group = this.#groups.get(key);
    let bytes = PLACE_BYTES + (typeof value === 'number' ? 0 : valueBytes(value));
    if (group === undefined) {
      bytes += GROUP_BYTES + 2 * key.length;
      const ownKey = ownTexts(key) as string;
      // Most keys of a large output have one value: a list that is begun empty gets room for 16.
      group = { key: ownKey, values: [ownTexts(value)], bytes: 0 };
      this.#groups.set(ownKey, group);
      if (this.#isByUnits && HALF.test(ownKey)) this.#isByUnits = false;
    } else {
      group.values.push(ownTexts(value));
    }
    group.bytes += bytes;
    this.#bytes += bytes;
  }

  /** Whether there is more in it than there is memory for: then it is to shrink before more is added. */
  get isFull(): boolean {
    return this.#bytes > this.#mostBytes;
  }

  /** The groups in the order of their keys. */
  sorted(): Group[] {
    const keys = [...this.#groups.keys()];
    // Four times as fast, with millions of keys, as with a function of ours.
    if (this.#isByUnits) keys.sort();
    else keys.sort(compareUtf8);
    return keys.map((key) => this.#groups.get(key)!);
  }

  /**
   * Keeps the first keys, up to about half of the memory.
   * @throws SystemError if the first key alone takes more than all of it
   */
  shrink(): void {
    const { size } = this.#groups;
    if (size > LEAST_SAMPLED) this.#keepBefore(middleOf(sampleOf(this.#groups.values(), Math.floor(size / SAMPLE))));
    if (this.isFull) this.#shrinkExactly();
  }

  /** A key may take so much that a sample says nothing of it. */
  #shrinkExactly(): void {
    let bytes = 0;
    for (const [index, group] of this.sorted().entries()) {
      if (index === 0 && group.bytes > this.#mostBytes) throw tooLarge(group.key, this.#mostBytes);
      if (index > 0 && bytes + group.bytes > this.#mostBytes / 2) return this.#keepBefore(group.key);
      bytes += group.bytes;
    }
  }

  #keepBefore(end: string): void {
    this.end = end;
    this.#bytes = 0;
    for (const { key, bytes } of this.#groups.values()) {
      if (compareUtf8(key, end) < 0) this.#bytes += bytes;
      else this.#groups.delete(key);
    }
  }
}

/** Some of the groups, one of each `step`, in the order of their keys. */
function sampleOf(groups: Iterable<Group>, step: number): Group[] {
  const sample: Group[] = [];
  let number = 0;
  for (const group of groups) if (number++ % step === 0) sample.push(group);
  return sample.sort((a, b) => compareUtf8(a.key, b.key));
}

/** The key before which the groups take about half of the bytes of all; at least one group is before it. */
function middleOf(groups: readonly Group[]): string {
  const half = groups.reduce((sum, { bytes }) => sum + bytes, 0) / 2;
  let bytes = 0;
  const middle = groups.find((group, index) => (bytes += group.bytes) > half && index > 0);
  return (middle ?? groups.at(-1)!).key;
}

function tooLarge(key: string, mostBytes: number): SystemError {
  const shown = JSON.stringify(key.length > MOST_SHOWN ? `${key.slice(0, MOST_SHOWN)}…` : key);
  const most = Math.floor(mostBytes / MEBIBYTE).toLocaleString('en');
  return new SystemError(
    `a sequential run holds all values of a key in memory: expected up to ${most} MiB of them, found more for the key ${shown}; ` +
      'give it more memory (--task-memory), or do without it (--verify)',
  );
}

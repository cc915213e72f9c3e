// Holds the keys of one pass of a sequential run, with their values: the next keys in the order of their UTF-8 bytes, as many as fit
// into memory.

import { SystemError } from '../errors.ts';
import { compareUtf8 } from '../shuffle/order.ts';
import { valueBytes } from '../shuffle/value-size.ts';
import { ownTexts } from './own-texts.ts';

/** The memory that V8 takes for a key with its list of values, and for one list slot. Lists grow by half at a time. */
const GROUP_BYTES = 200;
const PLACE_BYTES = 12;
const MEBIBYTE = 2 ** 20;
/** Half of a character that takes two UTF-16 units. */
const HALF = /[\ud800-\udfff]/;
/** Sorting millions of keys takes seconds each time, so the key to cut at is chosen from a sample. */
const SAMPLE = 1000;
const LEAST_SAMPLED = 10 * SAMPLE;
const MOST_SHOWN = 200;

export interface Group {
  readonly key: string;
  readonly values: unknown[];
  bytes: number;
}

/** Takes pairs in any order. Keys that do not fit are left to the next window, which begins at the key where this one ends. */
export class KeyWindow {
  /** The first key that is left out; undefined if no key is. */
  end: string | undefined;
  readonly #from: string | undefined;
  readonly #mostBytes: number;
  readonly #groups = new Map<string, Group>();
  #bytes = 0;
  /** Whether the keys' UTF-16 order is also their UTF-8 order: no character takes two units. */
  #isByUnits = true;

  constructor(from: string | undefined, mostBytes: number) {
    this.#from = from;
    this.#mostBytes = mostBytes;
  }

  /** Whether a well-formed key belongs to this window. */
  has(key: string): boolean {
    return (
      (this.#from === undefined || compareUtf8(key, this.#from) >= 0) &&
      (this.end === undefined || compareUtf8(key, this.end) < 0)
    );
  }

  /**
   * Adds a value to a key of this window. From now on the value belongs to the window.
   * @throws SystemError if the values of one key do not fit into memory
   */
  add(key: string, value: unknown): void {
    let group = this.#groups.get(key);
    let bytes = PLACE_BYTES + (typeof value === 'number' ? 0 : valueBytes(value));
    if (group === undefined) {
      bytes += GROUP_BYTES + 2 * key.length;
      const ownKey = ownTexts(key) as string;
      // Most keys of a large output have one value. A list that begins empty would reserve room for 16.
      group = { key: ownKey, values: [ownTexts(value)], bytes: 0 };
      this.#groups.set(ownKey, group);
      if (this.#isByUnits && HALF.test(ownKey)) this.#isByUnits = false;
    } else {
      group.values.push(ownTexts(value));
    }
    group.bytes += bytes;
    this.#bytes += bytes;
  }

  /** Whether the window holds more than its memory: if so, shrink it before adding more. */
  get isFull(): boolean {
    return this.#bytes > this.#mostBytes;
  }

  /** Returns the groups in the order of their keys. */
  sorted(): Group[] {
    const keys = [...this.#groups.keys()];
    // With millions of keys, this is four times as fast as sorting with a compare function.
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

  // One key may be so large that the sample is misleading.
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

/** Returns every `step`th group, in the order of their keys. */
function sampleOf(groups: Iterable<Group>, step: number): Group[] {
  const sample: Group[] = [];
  let number = 0;
  for (const group of groups) if (number++ % step === 0) sample.push(group);
  return sample.sort((a, b) => compareUtf8(a.key, b.key));
}

/** Returns the key that splits the groups into two halves of about equal size in bytes. At least one group comes before it. */
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
      'give it more memory (--task-memory), or leave out --verify',
  );
}

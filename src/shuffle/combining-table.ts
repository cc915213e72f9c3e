// Combines pairs as they come: a hash table of keys as bytes, open addressing over typed arrays. The job's combiner meets
// a key's values in small groups; a combiner of numbers works in place and allocates nothing.
//
// A table is not always the better way. Where most keys are new, it costs more than it saves; where keys are made to
// collide, its chains grow. Both show, and the sorter goes on without it.

import type { Key } from '../bytes.ts';
import type { PairColumns } from './pair-columns.ts';
import { valueBytes } from './value-size.ts';

/** Applied to the values of one key; and its fold, where it is one of numbers, two at a time. */
export interface Combiner {
  readonly combine: (key: string, values: Iterable<unknown>) => unknown;
  readonly fold?: ((a: number, b: number) => number) | undefined;
}

const FIRST_SLOTS = 1 << 14;
/** How many values of a key gather before they are combined. */
const GROUP_VALUES = 16;
/** What a group takes beside its values. */
const GATHERED_BYTES = 200;
/** A chain of this length does not come about by chance. */
const LONGEST_CHAIN = 256;
/** Combining pays where at least this share of the pairs finds its key there. */
const WORTHWHILE_SHARE = 0.25;

/** Values of one key that wait to be combined. */
class Gathered {
  group: unknown[];
  /** What the columns count for the values. */
  bytes: number;

  constructor(first: unknown, bytes: number) {
    this.group = [first];
    this.bytes = bytes;
  }
}

export class CombiningTable {
  readonly #columns: PairColumns;
  readonly #combiner: Combiner;
  /** Pair numbers plus one; 0 is an empty slot. At most half of the slots are taken. */
  #slots = new Int32Array(FIRST_SLOTS);
  #mask = FIRST_SLOTS - 1;
  #added = 0;
  #longestChain = 0;

  /** Puts its pairs into `columns`, which must be empty. */
  constructor(columns: PairColumns, combiner: Combiner) {
    this.#columns = columns;
    this.#combiner = combiner;
  }

  /** Whether most pairs that came found their key there, and quickly. */
  get isWorthwhile(): boolean {
    return this.#columns.count <= this.#added * (1 - WORTHWHILE_SHARE) && !this.isClogged;
  }

  /** Whether keys have been made to collide. */
  get isClogged(): boolean {
    return this.#longestChain >= LONGEST_CHAIN;
  }

  add(key: Key, value: unknown): void {
    const columns = this.#columns;
    const { arena } = columns;
    arena.write(key);
    this.#added++;
    let slot = mixed(arena.hash) & this.#mask;
    let chain = 0;
    for (;;) {
      const pair = this.#slots[slot]! - 1;
      if (pair < 0) break;
      if (columns.hashes[pair] === arena.hash && this.#isKey(pair)) return this.#combine(pair, key, value);
      slot = (slot + 1) & this.#mask;
      chain++;
    }
    if (chain > this.#longestChain) this.#longestChain = chain;
    columns.append(value);
    this.#slots[slot] = columns.count;
    if (columns.count * 2 > this.#slots.length) this.#grow();
  }

  /** Combines what has gathered, so that each key has one value. */
  settle(): void {
    const columns = this.#columns;
    if (columns.numbers !== undefined) return;
    for (const [pair, value] of columns.values.entries()) {
      if (value instanceof Gathered) columns.values[pair] = this.#combineGroup(this.#keyOf(pair), value.group);
    }
  }

  clear(): void {
    this.#columns.clear();
    this.#slots.fill(0);
    this.#added = 0;
    this.#longestChain = 0;
  }

  #isKey(pair: number): boolean {
    const { arena, ends } = this.#columns;
    const { bytes, used } = arena;
    const start = this.#columns.startOf(pair);
    const length = ends[pair]! - start;
    if (length !== arena.end - used) return false;
    for (let i = 0; i < length; i++) if (bytes[start + i] !== bytes[used + i]) return false;
    return true;
  }

  #combine(pair: number, key: Key, value: unknown): void {
    const columns = this.#columns;
    const { fold } = this.#combiner;
    if (fold !== undefined && columns.numbers !== undefined && typeof value === 'number') {
      columns.numbers[pair] = fold(columns.numbers[pair]!, value);
      return;
    }
    const held = columns.valueAt(pair);
    const gathered = held instanceof Gathered ? held : this.#gather(pair, held);
    gathered.group.push(value);
    this.#count(gathered, valueBytes(value));
    if (gathered.group.length < GROUP_VALUES) return;
    gathered.group = [this.#combineGroup(key.toString(), gathered.group)];
    this.#count(gathered, valueBytes(gathered.group[0]) - gathered.bytes);
  }

  /** Makes room for more values of a key beside its first one. */
  #gather(pair: number, first: unknown): Gathered {
    // A number has its place in the columns and is not counted beside it.
    const gathered = new Gathered(first, typeof first === 'number' ? 0 : valueBytes(first));
    this.#columns.setValue(pair, gathered);
    this.#columns.valueBytes += GATHERED_BYTES;
    return gathered;
  }

  #count(gathered: Gathered, bytes: number): void {
    gathered.bytes += bytes;
    this.#columns.valueBytes += bytes;
  }

  #combineGroup(key: string, group: readonly unknown[]): unknown {
    return group.length === 1 ? group[0] : this.#combiner.combine(key, group);
  }

  #keyOf(pair: number): string {
    return this.#columns.arena.bytes.toString('utf8', this.#columns.startOf(pair), this.#columns.ends[pair]);
  }

  #grow(): void {
    this.#slots = new Int32Array(this.#slots.length * 2);
    this.#mask = this.#slots.length - 1;
    for (let pair = 0; pair < this.#columns.count; pair++) {
      let slot = mixed(this.#columns.hashes[pair]!) & this.#mask;
      while (this.#slots[slot] !== 0) slot = (slot + 1) & this.#mask;
      this.#slots[slot] = pair + 1;
    }
  }
}

/** Spreads a hash over all its bits. Source: the finalizer of MurmurHash3 (A. Appleby), its first half. */
function mixed(hash: number): number {
  const spread = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return spread ^ (spread >>> 13);
}

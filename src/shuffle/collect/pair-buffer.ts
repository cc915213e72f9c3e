// Collects pairs in the kernel's memory. If the job has a combiner, the kernel looks each key up in a table, to combine its values.
//
// A table is not always worth it. If most keys are new, it costs more than it saves. That shows after a while; from then on pairs
// are only appended, until the buffer has been emptied. Equal keys then meet in a merge.

import type { Bytes, Key } from '../../bytes.ts';
import type { Kernel, WordScan } from '../../kernel/kernel.ts';
import type { Combiner } from '../combiner.ts';
import type { HotKeySketch } from './hot-key-sketch.ts';
import type { JoinedStrings } from './joined-strings.ts';
import { KeyAddress } from './key-address.ts';
import { PairValues } from './pair-values.ts';
import { PendingKeys } from './pending-keys.ts';
import { PendingStrings } from './pending-strings.ts';
import type { Partitioning } from '../partition.ts';
import { ValueKind } from '../file/sorted-file-format.ts';
import type { SortedFileWriter } from '../file/sorted-file-writer.ts';
import { TableTrial } from './table-trial.ts';
import { type SortWatch, writeSorted } from './write-sorted.ts';

/** What the kernel returns if the buffer is full, and for a key that is not UTF-8. */
const FULL = -1;
const INVALID = -2;
/** What the kernel returns if it has added a key. */
const NEW_KEY = 1;

export class PairBuffer {
  readonly #kernel: Kernel;
  readonly #combiner: Combiner | undefined;
  readonly #values: PairValues;
  #hasTable = false;
  readonly #trial = new TableTrial();
  /** Whether the kernel adds up the numbers of equal keys. */
  #adds = false;
  #count = 0;
  readonly #address: KeyAddress;
  /** The pairs that wait to be added: keys in the input block, or strings. One of the two is always empty. */
  readonly #keys: PendingKeys;
  readonly #strings: PendingStrings;
  readonly #addSlowly: (key: Bytes, value: number | null) => void;

  /** `addSlowly` adds a pair for which there is no room: it makes room, by `writeTo` and `clear`, or finds another way. */
  constructor(kernel: Kernel, combiner: Combiner | undefined, addSlowly: (key: Bytes, value: number | null) => void) {
    this.#kernel = kernel;
    this.#combiner = combiner;
    this.#addSlowly = addSlowly;
    this.#values = new PairValues(kernel);
    this.#address = new KeyAddress(kernel);
    this.#keys = new PendingKeys(kernel, this.#address);
    this.#strings = new PendingStrings(kernel);
    this.clear();
  }

  get count(): number {
    return this.#count;
  }

  /** Whether values in the array have filled what the kernel leaves of the buffer. */
  get isFull(): boolean {
    const { bytes } = this.#values;
    return bytes > 0 && bytes + this.#kernel.exports.usedBytes() >= this.#kernel.bufferBytes;
  }

  clear(): void {
    const { exports } = this.#kernel;
    this.#hasTable = this.#combiner !== undefined;
    this.#adds = this.#combiner?.adds === true;
    exports.clear(this.#hasTable, this.#adds);
    this.#values.clear();
    if (this.#adds) this.#values.kind = ValueKind.float64;
    this.#count = 0;
    this.#trial.begin();
    this.#address.begin();
  }

  /** Adds a pair like the one before it, the quickest way. Returns false if it is different, or if the one before does not wait. */
  addAlike(key: Key, value: unknown): boolean {
    return typeof key === 'string' ? this.#strings.addAlike(key, value) : this.#keys.addAlike(key, value);
  }

  /** Adds a pair if there is a quick way. Returns false if it has to be added by `add`. */
  addQuickly(key: Key, value: unknown): boolean {
    if (typeof key === 'string') return this.#adds && typeof value === 'number' && this.#addString(key, value);
    if (!this.#mayWait(value)) return false;
    if (this.#strings.count > 0 || !this.#keys.accepts(value)) {
      this.flush();
      if (!this.#mayWait(value)) return false;
    }
    return this.#keys.add(key, value);
  }

  /** Adds a pair. Returns false if there is no room for it. */
  add(key: Key, value: unknown): boolean {
    if (!this.#addPair(key, value)) return false;
    this.#noteAdded(1);
    return true;
  }

  /** Adds the pairs that wait. To be called before the input block that their keys are in is overwritten. */
  flush(): void {
    if (this.#strings.count > 0) this.#flushStrings();
    if (this.#keys.count > 0) this.#flushKeys();
  }

  /** Drops the pairs that wait: they are not added. */
  drop(): void {
    this.#strings.count = 0;
    this.#keys.count = 0;
  }

  /** Whether strings with this value would only be appended: then many can be appended at once. */
  canJoin(value: unknown): value is string | number | null {
    if (this.#hasTable) return false;
    if (typeof value !== 'string') return this.#mayWait(value);
    const { kind } = this.#values;
    return this.#combiner === undefined && (kind === ValueKind.text || (kind === undefined && this.#count === 0));
  }

  /** Appends strings as long as there is room. Returns how many it has appended. */
  appendJoined({ joined, lengths, count, value }: JoinedStrings): number {
    this.flush();
    if (!this.canJoin(value)) return 0;
    const bytes = this.#address.write(joined);
    if (bytes < 0) return 0;
    const { exports, pending } = this.#kernel;
    pending.set(lengths.subarray(0, 2 * count));
    const isNumber = typeof value === 'number';
    if (typeof value === 'string') this.#keepsTexts();
    else this.#values.kind = isNumber ? ValueKind.float64 : ValueKind.none;
    const appended = exports.appendJoined(count, joined.length, bytes, isNumber, isNumber ? value : 0);
    this.#readCounts();
    this.#noteAdded(appended);
    return appended;
  }

  /** Whether the kernel can add numbers to the words that it finds. */
  canScan(scan: WordScan): boolean {
    return this.#adds && scan.kernel === this.#kernel;
  }

  /** Adds the words of a text from `scan.at` on, and moves `scan.at` to where it stops: for lack of room, or at the end. Returns how many words it has added. */
  addWords(scan: WordScan, value: number): number {
    const { exports } = this.#kernel;
    this.flush();
    if (!this.#adds) return 0;
    this.#kernel.addWideWord = this.#addWideWord;
    scan.at = exports.addWords(scan.at, scan.end, scan.alphabet, scan.lower, value);
    this.#readCounts();
    const added = exports.addedWords();
    this.#noteAdded(added);
    return added;
  }

  /** Writes the pairs to a sorted file, by partition and key, with equal keys in the order in which they came. Only `clear` may follow. */
  writeTo(writer: SortedFileWriter, partitioning: Partitioning, watch: SortWatch = {}): void {
    watch.onPhase?.('sort');
    if (this.#combiner !== undefined) this.#values.settle(this.#combiner, this.#count);
    writeSorted(this.#kernel, this.#values, { partitioning, writer, watch });
  }

  /** Adds the most frequent keys of the buffer to a sketch. Only `writeTo` and `clear` may follow. */
  noteHottest(hotKeys: HotKeySketch): void {
    if (!this.#hasTable) hotKeys.noteSample(this.#kernel, this.#count);
    else if (this.#adds) {
      this.#kernel.exports.settleSums();
      hotKeys.noteSums(this.#kernel, this.#values.numbers, this.#count);
    }
  }

  #addString(key: string, value: number): boolean {
    if (this.#keys.count > 0) this.#flushKeys();
    const strings = this.#strings;
    if (!this.#adds || !strings.add(key, value)) return false;
    if (strings.count === strings.limit) this.#flushStrings();
    return true;
  }

  #flushStrings(): void {
    const { count } = this.#strings;
    this.#strings.count = 0;
    for (let next = 0; next < count; next++) {
      if (this.#adds) next = this.#kernel.exports.addStrings(next, count);
      this.#readCounts();
      if (next < count) this.#addSlowly(this.#strings.keyOf(next), this.#strings.numberOf(next));
    }
    this.#noteAdded(count);
  }

  #flushKeys(): void {
    const { count, value } = this.#keys;
    this.#keys.count = 0;
    for (let next = 0; next < count; next++) {
      next = this.#addPending(next, count, value);
      this.#readCounts();
      if (next < count) this.#addSlowly(this.#keys.keyOf(next), value);
    }
    this.#noteAdded(count);
  }

  /** Whether the kernel alone can add a pair with this value: a number that is added up, or a value that is only appended. */
  #mayWait(value: unknown): value is number | null {
    if (this.#adds) return typeof value === 'number';
    if (this.#hasTable || (typeof value !== 'number' && value !== null)) return false;
    const { kind } = this.#values;
    return kind === undefined || kind === (value === null ? ValueKind.none : ValueKind.float64);
  }

  /** Adds keys that wait, from number `from` on. Returns the number of the first that it could not add, or `to`. */
  #addPending(from: number, to: number, value: number | null): number {
    if (!this.#mayWait(value)) return from;
    const { exports } = this.#kernel;
    if (this.#adds) return exports.addPending(from, to, value ?? 0);
    this.#values.kind = value === null ? ValueKind.none : ValueKind.float64;
    return exports.appendPending(from, to, value !== null, value ?? 0);
  }

  #addPair(key: Key, value: unknown): boolean {
    this.flush();
    if (typeof value === 'string' && this.#keepsTexts()) return this.#addText(key, value);
    // Texts are not mixed with other values: all of them would have to be taken out of the kernel's memory.
    if (this.#values.kind === ValueKind.text && this.#count > 0) return false;
    if (this.#adds && typeof value === 'number') {
      const outcome = this.#addToSum(key, value);
      return outcome >= 0 || (outcome === INVALID && this.#addPair(key.toString(), value));
    }
    this.#stopAdding();
    if (!this.#address.take(key)) return false;
    const { exports } = this.#kernel;
    const pair = this.#hasTable
      ? exports.find(this.#address.start, this.#address.length)
      : exports.append(this.#address.start, this.#address.length);
    if (pair < 0) return pair === INVALID && this.#addPair(key.toString(), value);
    if (pair === this.#count) {
      this.#count++;
      this.#address.advance(this.#address.length);
      this.#values.append(pair, value);
    } else {
      this.#values.combine(pair, key, value, this.#combiner!, this.#count);
    }
    return true;
  }

  /** Adds a number to that of a key. Returns what the kernel returns, or FULL. */
  #addToSum(key: Key, value: number): number {
    const address = this.#address;
    if (!address.take(key)) return FULL;
    const outcome = this.#kernel.exports.addKey(address.start, address.length, value);
    if (outcome === NEW_KEY) {
      this.#count++;
      address.advance(address.length);
    }
    return outcome;
  }

  /** Has values combined here from now on, and no more by the kernel. */
  #stopAdding(): void {
    if (!this.#adds) return;
    this.#adds = false;
    this.#kernel.exports.settleSums();
  }

  /** Takes note of pairs that were added, and gives the table up if it does not pay. */
  #noteAdded(count: number): void {
    if (!this.#trial.fails(count, this.#count) || !this.#hasTable) return;
    this.#hasTable = false;
    this.#adds = false;
    this.#kernel.exports.dropTable();
  }

  /** Whether all values are texts in the kernel's memory; begins that if the buffer is empty and the job has no combiner. */
  #keepsTexts(): boolean {
    if (this.#count === 0 && this.#combiner === undefined) {
      this.#values.kind = ValueKind.text;
      this.#kernel.exports.beginTexts();
    }
    return this.#values.kind === ValueKind.text;
  }

  /** Adds a pair whose value is a text. Returns false if there is no room for it. */
  #addText(key: Key, text: string): boolean {
    const address = this.#address;
    if (!address.takeWith(key, text)) return false;
    const pair = this.#kernel.exports.appendText(address.length, address.textLength);
    if (pair < 0) return pair === INVALID && this.#addText(key.toString(), text);
    this.#count++;
    address.advance(address.length + address.textLength);
    return true;
  }

  /** Adds a word that is not ASCII, which the kernel has found, in lower case. */
  readonly #addWideWord: Kernel['addWideWord'] = (start, end, value) => {
    this.#readCounts();
    return this.#addPair(this.#kernel.bytes.toString('utf8', start, end).toLowerCase(), value);
  };

  #readCounts(): void {
    this.#count = this.#kernel.exports.pairCount();
    this.#address.moveOn();
  }
}

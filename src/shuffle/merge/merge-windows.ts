// Merges sorted segments into blocks, in the kernel's memory, where each segment has a window that holds one of its blocks. Which
// key comes next is decided in `kernel/assembly/merge-tournament.ts`.

import type { Kernel } from '../../kernel/kernel.ts';
import { compareKeys } from '../order.ts';
import { BLOCK_VALUE_BYTES, ValueKind } from '../file/sorted-file-format.ts';
import type { BlockValues, SegmentBlocks } from '../file/segment-blocks.ts';

/** What `merge` of the kernel returns, other than the number of an input that needs a block. */
const DONE = -1;
const FULL = -2;
const TOO_LONG = -3;

/** The size of a window, if a segment has more than one block; a bigger block gets a bigger window. */
const WINDOW_BYTES = 1 << 17;
/** The kernel reads up to this far beyond the bytes that it uses. */
const ROOM_BYTES = 64;

/** One segment: its blocks, its window, and the values of its current block if they are not numbers. */
interface Input {
  readonly blocks: SegmentBlocks;
  window: number;
  windowBytes: number;
  values: BlockValues | undefined;
  /** The bytes that the values take in the file. */
  valueBytes: number;
  /** The index of the next value. */
  next: number;
  kind: ValueKind;
}

/** Called with a block that was read: its pairs, and its bytes in the file. */
export type OnBlock = (pairs: number, bytes: number) => void;

export interface MergeWindowsOptions {
  /** Whether the numbers of equal keys may be added up. */
  readonly adds: boolean;
  /** Called for each block that is read. */
  readonly onBlock?: OnBlock | undefined;
  /** Called for each block that is read or made. */
  readonly onStep?: (() => void) | undefined;
}

/** The merged blocks, one at a time: `next()` moves to a block, which the fields describe. Equal keys come in the order of the inputs. */
export class MergeWindows {
  pairs = 0;
  /** The keys of the block: key i is `keys[keysStart + ends[i - 1], keysStart + ends[i])`. */
  keys: Buffer;
  keysStart = 0;
  ends: Uint32Array;
  /** The kind of all values. Numbers are in `numbers`, nulls nowhere, all others in `values`. */
  kind: ValueKind | undefined;
  numbers: Float64Array;
  values: unknown[] = [];
  /** Whether key i equals key i - 1; for the first pair of a block that is not known. */
  repeats: Uint8Array;
  readonly #kernel: Kernel;
  readonly #options: MergeWindowsOptions;
  readonly #inputs: Input[];
  #memoryUsed: number;
  /** How many pairs of the block have their values already. */
  #valued = 0;

  constructor(kernel: Kernel, segments: readonly SegmentBlocks[], options: MergeWindowsOptions) {
    this.#kernel = kernel;
    this.#options = options;
    const { exports } = kernel;
    const base = exports.PAIRS.value;
    this.#memoryUsed = aligned(base + exports.mergeBytes(segments.length));
    kernel.reserve(this.#memoryUsed);
    this.keys = kernel.bytes;
    this.ends = new Uint32Array(0);
    this.numbers = new Float64Array(0);
    this.repeats = new Uint8Array(1);
    this.#inputs = segments.map((blocks) => ({
      blocks,
      window: 0,
      windowBytes: 0,
      values: undefined,
      valueBytes: 0,
      next: 0,
      kind: ValueKind.none,
    }));
    exports.beginMerge(segments.length, base);
    for (let input = segments.length - 1; input >= 0; input--) this.#refill(input);
  }

  /** Whether the kernel adds up the numbers of equal keys, so that each key comes once. */
  get isFolded(): boolean {
    return this.#options.adds && (this.kind === ValueKind.float64 || this.kind === undefined);
  }

  /** Merges the next block. Returns false at the end. */
  next(): boolean {
    if (this.#inputs.length === 0) return false;
    const { exports } = this.#kernel;
    exports.clearMerged();
    this.#valued = 0;
    this.values = [];
    let valueBytes = 0;
    for (;;) {
      const status = exports.merge(this.isFolded);
      if (status === TOO_LONG) return this.#takeLong();
      this.#takeValues();
      if (status === FULL || status === DONE) return this.#present();
      valueBytes += this.#inputs[status]!.valueBytes;
      this.#refill(status);
      // Values that are not numbers are held for all pairs of the block.
      if (valueBytes > BLOCK_VALUE_BYTES) return this.#present();
    }
  }

  #present(): boolean {
    this.#options.onStep?.();
    const { exports, bytes } = this.#kernel;
    this.pairs = exports.mergedPairCount();
    this.keys = bytes;
    this.keysStart = exports.MERGED_KEYS.value;
    this.ends = new Uint32Array(bytes.buffer, exports.MERGED_ENDS.value, this.pairs);
    this.numbers = new Float64Array(bytes.buffer, exports.MERGED_NUMBERS.value, this.pairs);
    this.repeats = new Uint8Array(bytes.buffer, exports.MERGED_REPEATS.value, Math.max(this.pairs, 1));
    return this.pairs > 0;
  }

  /** Puts an input's next block into its window, and has the input play in the tournament. */
  #refill(number: number): void {
    const { exports } = this.#kernel;
    const input = this.#inputs[number]!;
    const before = input.blocks.bytesLeft;
    const block = input.blocks.next();
    if (block === undefined) {
      exports.endInput(number);
    } else {
      const { pairs, payload, values, valueBytes, valueKind } = block;
      this.#placeWindow(input, payload.length + ROOM_BYTES);
      this.#kernel.bytes.set(payload, input.window);
      exports.setBlock(number, input.window, pairs, valueKind === ValueKind.float64);
      input.values = values;
      input.valueBytes = valueBytes;
      input.next = 0;
      input.kind = valueKind;
      // Texts are handed out as values of any kind.
      this.#meet(valueKind === ValueKind.text ? ValueKind.packed : valueKind);
      this.#options.onBlock?.(pairs, before - input.blocks.bytesLeft);
      this.#options.onStep?.();
    }
    exports.play(number);
  }

  #placeWindow(input: Input, bytes: number): void {
    if (bytes <= input.windowBytes) return;
    const bytesBefore = input.windowBytes;
    input.window = this.#memoryUsed;
    // The memory of windows is never given back, so a window that has to grow at least doubles.
    input.windowBytes = input.blocks.bytesLeft > 0 ? Math.max(bytes, WINDOW_BYTES, 2 * bytesBefore) : bytes;
    this.#memoryUsed = aligned(input.window + input.windowBytes);
    this.#kernel.reserve(this.#memoryUsed);
  }

  /** Takes note of the kind of an input's values. If kinds differ, the merged values are of any kind from then on. */
  #meet(kind: ValueKind): void {
    if (this.kind === kind || this.kind === ValueKind.packed) return;
    if (this.kind === undefined) {
      this.kind = kind;
      return;
    }
    for (let pair = 0; pair < this.#valued; pair++) {
      this.values.push(this.kind === ValueKind.none ? null : this.#mergedNumber(pair));
    }
    this.kind = ValueKind.packed;
  }

  /** Takes the values of the pairs that have been merged since the last call, before their blocks are replaced. */
  #takeValues(): void {
    const { exports, bytes } = this.#kernel;
    const count = exports.mergedPairCount();
    if (this.kind === ValueKind.packed) {
      const sources = new Uint32Array(bytes.buffer, exports.MERGED_SOURCES.value, count);
      for (let pair = this.#valued; pair < count; pair++) {
        const input = this.#inputs[sources[pair]!]!;
        this.values.push(input.kind === ValueKind.float64 ? this.#mergedNumber(pair) : this.#nextValue(input));
      }
    }
    this.#valued = count;
  }

  #nextValue(input: Input): unknown {
    return input.kind === ValueKind.none ? null : input.values!.at(input.next++);
  }

  #mergedNumber(pair: number): number {
    return this.#kernel.bytes.readDoubleLE(this.#kernel.exports.MERGED_NUMBERS.value + pair * 8);
  }

  /** Makes a block of one key that is longer than a block, with the numbers of equal keys if these are added up. */
  #takeLong(): boolean {
    const { exports, bytes } = this.#kernel;
    const first = exports.winner();
    const start = exports.keyAddress(first);
    this.keys = Buffer.from(bytes.subarray(start, start + exports.keyLength(first)));
    this.keysStart = 0;
    this.ends = Uint32Array.of(this.keys.length);
    this.pairs = 1;
    this.repeats = new Uint8Array(1);
    let value = this.#passLong();
    while (this.isFolded && this.#isNext(this.keys)) value = (value as number) + (this.#passLong() as number);
    if (this.kind === ValueKind.float64) this.numbers = Float64Array.of(value as number);
    this.values = [value];
    return true;
  }

  /** Skips the next pair and returns its value. */
  #passLong(): unknown {
    const { exports } = this.#kernel;
    const number = exports.winner();
    const input = this.#inputs[number]!;
    const value = input.kind === ValueKind.float64 ? exports.numberAt(number) : this.#nextValue(input);
    if (exports.skip() === number) this.#refill(number);
    return value;
  }

  #isNext(key: Buffer): boolean {
    const { exports, bytes } = this.#kernel;
    const number = exports.winner();
    if (!exports.isOpen(number)) return false;
    const start = exports.keyAddress(number);
    return compareKeys(key, 0, key.length, bytes, start, start + exports.keyLength(number)) === 0;
  }
}

function aligned(address: number): number {
  return Math.ceil(address / 64) * 64;
}

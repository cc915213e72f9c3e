// Turns merged blocks into a stream of pairs.

import type { SortedPairs } from './groups.ts';
import type { MergeWindows } from './merge-windows.ts';
import { ValueKind } from '../file/sorted-file-format.ts';
import { TextPieces } from '../file/text-pieces.ts';

export class MergedPairs implements SortedPairs {
  readonly #merge: MergeWindows;
  #pair = 0;
  #pairs = 0;
  /** Decodes the keys of the block. */
  #texts: TextPieces | undefined;
  key: Buffer;
  keyStart = 0;
  keyEnd = 0;

  /** `isStarted`: the stream begins with the pairs of the block that `merge` is at, not with the next block. */
  constructor(merge: MergeWindows, isStarted = false) {
    this.#merge = merge;
    this.key = merge.keys;
    if (!isStarted) return;
    this.#pair = -1;
    this.#pairs = merge.pairs;
    this.keyEnd = merge.keysStart;
  }

  get value(): unknown {
    const { kind, numbers, values } = this.#merge;
    if (kind === ValueKind.float64) return numbers[this.#pair];
    return kind === ValueKind.none ? null : values[this.#pair];
  }

  get repeats(): boolean | undefined {
    // The merge does not know that of the first pair of a block.
    return this.#pair === 0 ? undefined : this.#merge.repeats[this.#pair] === 1;
  }

  keyText(): string {
    const { keys, keysStart, ends, pairs } = this.#merge;
    this.#texts ??= new TextPieces(keys, keysStart, keysStart + ends[pairs - 1]!);
    return this.#texts.text(this.keyStart, this.keyEnd);
  }

  next(): boolean {
    this.#pair++;
    if (this.#pair >= this.#pairs) {
      if (!this.#merge.next()) return false;
      this.#pair = 0;
      this.#texts = undefined;
      this.#pairs = this.#merge.pairs;
      this.key = this.#merge.keys;
      this.keyEnd = this.#merge.keysStart;
    }
    this.keyStart = this.keyEnd;
    this.keyEnd = this.#merge.keysStart + this.#merge.ends[this.#pair]!;
    return true;
  }
}

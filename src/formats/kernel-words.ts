// The words of bytes in the kernel's memory, found by the kernel, as many at a time as it has room for.

import { Bytes } from '../bytes.ts';
import type { Kernel, WordScan } from '../kernel/kernel.ts';

/** An iterator that hands out one result object, whose value is one view: nothing is allocated a word. */
export class KernelWords implements Iterable<Bytes>, WordScan {
  readonly kernel: Kernel;
  readonly end: number;
  readonly alphabet: number;
  readonly lower: boolean;
  /** Where the words begin that have not been found yet, and which of the found ones comes next. */
  #at: number;
  #next = 0;
  #found = 0;
  /** Where the last word handed out ends: another scan may have taken the place of those behind it. */
  #taken: number;
  readonly #word: Bytes;
  readonly #result: { done: boolean; value: Bytes | undefined };

  constructor(kernel: Kernel, text: Bytes, alphabet: number, lower: boolean) {
    const base = text.buffer.byteOffset;
    this.kernel = kernel;
    this.#at = base + text.start;
    this.#taken = this.#at;
    this.end = base + text.end;
    this.alphabet = alphabet;
    this.lower = lower;
    this.#word = new Bytes(kernel.bytes, 0, 0);
    this.#result = { done: false, value: this.#word };
  }

  get at(): number {
    return this.#taken;
  }
  set at(position: number) {
    this.#taken = position;
    this.#at = position;
    this.#next = 0;
    this.#found = 0;
  }

  [Symbol.iterator](): this {
    return this;
  }

  next(): IteratorResult<Bytes, undefined> {
    const { kernel } = this;
    if (this.#next < this.#found && kernel.tokensOwner !== this) this.at = this.#taken;
    if (this.#next === this.#found && !this.#find()) {
      this.#result.done = true;
      this.#result.value = undefined;
      return this.#result as IteratorResult<Bytes, undefined>;
    }
    const { tokens } = kernel;
    const start = tokens[this.#next * 2]!;
    const end = tokens[this.#next * 2 + 1]!;
    this.#next++;
    const word = this.#word;
    if (start < 0) {
      this.#lowerWide(start & 0x7fffffff, end);
    } else {
      word.buffer = kernel.bytes;
      word.start = start;
      word.end = end;
      this.#taken = this.lower ? end - kernel.lowerShift : end;
    }
    return this.#result as IteratorResult<Bytes, undefined>;
  }

  /** Finds words from `#at` on. Answers false where there are none. */
  #find(): boolean {
    const { kernel } = this;
    if (this.#at >= this.end) return false;
    this.#found = kernel.exports.findWords(this.#at, this.end, this.alphabet, this.lower);
    this.#at = kernel.exports.nextPosition();
    this.#next = 0;
    kernel.tokensOwner = this;
    return this.#found > 0;
  }

  /** A word that is not ASCII is put in lower case as JavaScript does it. */
  #lowerWide(start: number, end: number): void {
    this.#word.buffer = Buffer.from(this.kernel.bytes.toString('utf8', start, end).toLowerCase());
    this.#word.start = 0;
    this.#word.end = this.#word.buffer.length;
    this.#taken = end;
  }
}

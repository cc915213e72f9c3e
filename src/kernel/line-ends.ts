// The ends of lines in a block of input, found by the kernel, many at a time.

import { Bytes } from '../bytes.ts';
import { type Kernel, kernelOf } from './kernel.ts';

export class LineEnds {
  readonly #kernel: Kernel;
  readonly #base: number;
  readonly #end: number;
  /** From where on there is more to be looked at. */
  #from: number;
  #next = 0;
  #count = 0;

  private constructor(kernel: Kernel, text: Buffer) {
    this.#kernel = kernel;
    this.#base = text.byteOffset;
    this.#from = text.byteOffset;
    this.#end = text.byteOffset + text.length;
  }

  /** Those of a text, where that is part of a kernel's input. What the kernel has found is one text's at a time. */
  static in(text: Buffer): LineEnds | undefined {
    const kernel = kernelOf(new Bytes(text));
    return kernel === undefined ? undefined : new LineEnds(kernel, text);
  }

  /** The position in the text of the next LF; -1 where there is none. */
  next(): number {
    while (this.#next === this.#count) {
      if (this.#from === this.#end) return -1;
      const { exports } = this.#kernel;
      this.#count = exports.findLineEnds(this.#from, this.#end);
      this.#from = exports.lineEndsSearchedTo();
      this.#next = 0;
    }
    return this.#kernel.lineEnds[this.#next++]! - this.#base;
  }
}

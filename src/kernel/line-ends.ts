// Iterates over the ends of lines in an input block. The kernel finds many of them at a time.

import { Bytes } from '../bytes.ts';
import { type Kernel, kernelOf } from './kernel.ts';

export class LineEnds {
  readonly #kernel: Kernel;
  readonly #base: number;
  readonly #end: number;
  /** The address from which to search on. */
  #from: number;
  #next = 0;
  #count = 0;

  private constructor(kernel: Kernel, text: Buffer) {
    this.#kernel = kernel;
    this.#base = text.byteOffset;
    this.#from = text.byteOffset;
    this.#end = text.byteOffset + text.length;
  }

  /** The line ends of a text; undefined if it is not in a kernel's input block. The kernel keeps those of one text at a time. */
  static in(text: Buffer): LineEnds | undefined {
    const kernel = kernelOf(new Bytes(text));
    return kernel === undefined ? undefined : new LineEnds(kernel, text);
  }

  /** The position in the text of the next LF; -1 if there is no more. */
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

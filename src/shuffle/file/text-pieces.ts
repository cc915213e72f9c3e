// Texts out of bytes that hold many of them, one behind the other: a call that decodes costs more than a short text, so what
// is ASCII is decoded a piece at a time, and cut.

import { isAscii } from 'node:buffer';

/** A text that somebody keeps keeps its piece. */
const PIECE_BYTES = 2048;

export class TextPieces {
  readonly #bytes: Buffer;
  readonly #end: number;
  readonly #isAscii: boolean;
  #piece = '';
  #pieceStart = 0;
  #pieceEnd = 0;

  /** The texts are in `bytes[start, end)`, which is UTF-8. */
  constructor(bytes: Buffer, start: number, end: number) {
    this.#bytes = bytes;
    this.#end = end;
    this.#isAscii = isAscii(bytes.subarray(start, end));
  }

  /** The text in `bytes[from, to)`; one behind the last one is quick. */
  text(from: number, to: number): string {
    if (!this.#isAscii) return this.#bytes.toString('utf8', from, to);
    if (to > this.#pieceEnd || from < this.#pieceStart) {
      this.#pieceStart = from;
      this.#pieceEnd = Math.max(to, Math.min(from + PIECE_BYTES, this.#end));
      this.#piece = this.#bytes.toString('latin1', from, this.#pieceEnd);
    }
    return this.#piece.slice(from - this.#pieceStart, to - this.#pieceStart);
  }
}

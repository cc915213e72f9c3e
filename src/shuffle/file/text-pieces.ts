// Decodes texts that follow each other in bytes. A call that decodes takes longer than a short text, so ASCII is decoded in
// pieces of many texts, and texts are cut out of a piece.

import { isAscii } from 'node:buffer';

/** The size of a piece. A text that somebody keeps holds its whole piece in memory, so a piece is not larger. */
const PIECE_BYTES = 2048;

export class TextPieces {
  readonly #bytes: Buffer;
  readonly #end: number;
  readonly #isAscii: boolean;
  #piece = '';
  #pieceStart = 0;
  #pieceEnd = 0;

  /** Decodes texts in `bytes[start, end)`, which is UTF-8. */
  constructor(bytes: Buffer, start: number, end: number) {
    this.#bytes = bytes;
    this.#end = end;
    this.#isAscii = isAscii(bytes.subarray(start, end));
  }

  /** The text in `bytes[from, to)`. It is quickest if it follows the one before. */
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

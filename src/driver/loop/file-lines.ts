// Reads the lines of a file of JSON objects, whatever its size: piece by piece, and no further than such lines are possible.

import { readSync } from 'node:fs';

const PIECE_BYTES = 1 << 20;
const LINE_END = 0x0a;
const OBJECT_BEGIN = 0x7b;

export interface FileLine {
  /** Without its line end. Valid until the next line is requested. */
  readonly line: Buffer;
  /** `false`: the file ends here, or the line is too long. */
  readonly isEnded: boolean;
}

/** Yields the content of an open file from its beginning, piece by piece, each in the same memory. */
export function* piecesOf(fd: number): Generator<Buffer> {
  const piece = Buffer.allocUnsafe(PIECE_BYTES);
  let at = 0;
  for (
    let count = readSync(fd, piece, 0, PIECE_BYTES, at);
    count > 0;
    count = readSync(fd, piece, 0, PIECE_BYTES, at)
  ) {
    at += count;
    yield piece.subarray(0, count);
  }
}

/** Yields the lines of a text that comes in pieces. A line of more than `mostBytes`, or one that is not an object, is the last. */
export function* jsonLinesOf(pieces: Iterable<Buffer>, mostBytes: number): Generator<FileLine> {
  let rest: Buffer[] = [];
  let restBytes = 0;
  for (const piece of pieces) {
    let start = 0;
    for (let end = piece.indexOf(LINE_END); end >= 0; end = piece.indexOf(LINE_END, start)) {
      const last = piece.subarray(start, end);
      yield { line: restBytes === 0 ? last : Buffer.concat([...rest, last]), isEnded: true };
      [rest, restBytes, start] = [[], 0, end + 1];
    }
    if (start === piece.length) continue;
    // The next piece will be in the same memory.
    rest.push(Buffer.from(piece.subarray(start)));
    restBytes += piece.length - start;
    if (restBytes > mostBytes || rest[0]![0] !== OBJECT_BEGIN) break;
  }
  if (restBytes > 0) yield { line: Buffer.concat(rest), isEnded: false };
}

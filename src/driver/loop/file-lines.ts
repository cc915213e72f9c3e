// A file's lines of JSON objects, whatever its size: piece by piece, and no further than there can be such lines.

import { readSync } from 'node:fs';

const PIECE_BYTES = 1 << 20;
const LINE_END = 0x0a;
const OBJECT_BEGIN = 0x7b;

export interface FileLine {
  /** Without its line end. It stands until the next one is asked for. */
  readonly line: Buffer;
  /** `false`: the file ends here, or the line has no end in sight. */
  readonly isEnded: boolean;
}

/** What an open file has from its beginning, piece by piece, each in the same memory. */
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

/** The lines of what comes in pieces. One of more than `mostBytes`, or that begins no object, is the last. */
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
    // The next piece comes into the same memory.
    rest.push(Buffer.from(piece.subarray(start)));
    restBytes += piece.length - start;
    if (restBytes > mostBytes || rest[0]![0] !== OBJECT_BEGIN) break;
  }
  if (restBytes > 0) yield { line: Buffer.concat(rest), isEnded: false };
}

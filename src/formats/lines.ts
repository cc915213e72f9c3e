// The input format of text lines, which is the default. A line ends with LF or with the file. CR before LF, and a BOM at the start
// of the file, are not part of it. Bytes that are not UTF-8 become U+FFFD, as in every decoder.

import { isAscii } from 'node:buffer';

import { UsageError } from '../errors.ts';
import { Bytes, partOf } from '../bytes.ts';
import { LineEnds } from '../kernel/line-ends.ts';
import type { InputFormat, RandomAccess, RecordCursor } from './format.ts';
import { bytePosition } from './byte-position.ts';

export const LF = 0x0a;
const CR = 0x0d;
export const BOM = Buffer.from([0xef, 0xbb, 0xbf]);
const SCAN_BYTES = 1 << 13;
const EMPTY = Buffer.alloc(0);

/** The longest line, in bytes. A longer one is most likely not text; the error names the file and the line's offset. */
export const MAX_LINE_BYTES = 128 * 1024 * 1024;

export interface LinesOptions {
  /** `false`: a file is never cut, so one map task gets all of its lines, in order. The default is `true`. */
  readonly split?: boolean;
}

/** Records are the lines of text files, as strings without their line ends. */
export function lines(options: LinesOptions = {}): InputFormat<string> {
  return {
    name: 'lines',
    splittable: options.split ?? true,
    isText: true,
    boundary: lineBoundary,
    open: (file, start) => new StringLineCursor(file, start),
  };
}

/** The position after the first LF at or after `position - 1`, so that a position that is a boundary is returned as it is. */
export function lineBoundary(file: RandomAccess, position: number): number {
  if (position <= 0) return 0;
  const window = Buffer.allocUnsafe(SCAN_BYTES);
  for (let from = position - 1; from < file.size; from += SCAN_BYTES) {
    const count = file.read(window, from);
    if (count === 0) break;
    const found = window.subarray(0, count).indexOf(LF);
    if (found >= 0) return from + found + 1;
  }
  return file.size;
}

/** Checks the length of the line at byte `offset`. @throws UsageError if it is too long to be a line */
export function checkLineLength(file: string, offset: number, lengthBytes: number): void {
  if (lengthBytes <= MAX_LINE_BYTES) return;
  throw new UsageError(
    `${file}: the line at byte ${offset} is longer than ${MAX_LINE_BYTES} bytes; expected text with line ends (LF, or CRLF; ` +
      'CR alone does not end a line)',
  );
}

/** Records are the lines of text files, as views of their bytes. */
export function byteLines(options: LinesOptions = {}): InputFormat<Bytes> {
  return {
    name: 'byteLines',
    splittable: options.split ?? true,
    isText: true,
    boundary: lineBoundary,
    open: (file, start) => new ByteLineCursor(file, start),
  };
}

/** Finds lines. A subclass makes the record of a line. */
abstract class LineCursor<R> implements RecordCursor<R> {
  abstract record: R;
  offset = 0;
  readonly #file: string;
  #buffer: Buffer = EMPTY;
  /** Whether the buffer is a copy, not a block whose memory may be used again. */
  #isCopy = false;
  /** What follows the buffer: the rest of the block, after the end of the line that the buffer was joined for. */
  #following: Buffer = EMPTY;
  /** The offset in the file of the buffer's first byte. */
  #base: number;
  /** The position in the buffer after the last line that was returned. */
  #position = 0;
  /** The ends of the lines after the position, if the kernel finds them. */
  #lineEnds: LineEnds | undefined;
  /** The buffer has no LF before this position. So a long line is scanned once, however many blocks it spans. */
  #scanned = 0;
  #start = 0;
  #end = 0;
  /** The index that was asked for last, and the position of its byte in the buffer. */
  #askedIndex = 0;
  #askedByte = 0;
  #ascii = true;
  #finished = false;

  constructor(file: string, start: number) {
    this.#file = file;
    this.#base = start;
  }

  feed(block: Buffer): void {
    if (this.#position > 0) this.#keepRest();
    const rest = this.#buffer;
    if (rest.length === 0) return this.#begin(block, 0, false);
    // Only the line that spans two blocks is joined; the other lines stay in the block.
    const found = block.indexOf(LF);
    const joined = found < 0 ? block.length : found + 1;
    checkLineLength(this.#file, this.#base, rest.length + joined);
    this.#begin(Buffer.concat([rest, block.subarray(0, joined)]), rest.length, true);
    this.#following = partOf(block, joined);
  }

  finish(): void {
    this.#finished = true;
  }

  next(): boolean {
    let found = this.#findLineEnd();
    if (found < 0 && this.#following.length > 0) {
      this.#base += this.#position;
      this.#begin(this.#following, 0, false);
      this.#following = EMPTY;
      found = this.#findLineEnd();
    }
    if (found >= 0) {
      this.#take(this.#position, found, true);
      this.#position = found + 1;
      return true;
    }
    if (!this.#finished) {
      this.#keepRest();
      return false;
    }
    const { length } = this.#buffer;
    if (this.#position >= length) return false;
    this.#take(this.#position, length, false);
    this.#position = length;
    return true;
  }

  /** The position in the buffer of the next LF; -1 if there is none. */
  #findLineEnd(): number {
    if (this.#lineEnds !== undefined) return this.#lineEnds.next();
    return this.#buffer.indexOf(LF, Math.max(this.#position, this.#scanned));
  }

  /** Goes on with a buffer that has no LF in its first `scanned` bytes. */
  #begin(buffer: Buffer, scanned: number, isCopy: boolean): void {
    this.#buffer = buffer;
    this.#isCopy = isCopy;
    this.#position = 0;
    this.#scanned = scanned;
    this.#ascii = isAscii(buffer);
    this.#lineEnds = isCopy ? undefined : LineEnds.in(buffer);
  }

  /** Copies what has been read of the next line, since the block's memory may be used again. */
  #keepRest(): void {
    const rest = this.#buffer.subarray(this.#position);
    this.#base += this.#position;
    if (this.#isCopy && this.#position === 0) this.#scanned = rest.length;
    else this.#begin(Buffer.from(rest), rest.length, true);
  }

  offsetAt(index: number): number {
    if (this.#ascii) return this.offset + index;
    // Jobs mostly ask from left to right, so a later index is looked for from the last one on.
    if (index < this.#askedIndex) this.#forgetAsked();
    const byte = bytePosition(this.#buffer, this.#askedByte, this.#end, index - this.#askedIndex);
    if (!this.isInsideCharacter(index)) {
      this.#askedIndex = index;
      this.#askedByte = byte;
    }
    return this.#base + byte;
  }

  #forgetAsked(): void {
    this.#askedIndex = 0;
    this.#askedByte = this.#start;
  }

  #take(lineStart: number, lineEnd: number, terminated: boolean): void {
    checkLineLength(this.#file, this.#base + lineStart, lineEnd - lineStart);
    const buffer = this.#buffer;
    const atFileStart = this.#base + lineStart === 0;
    const start = atFileStart && BOM.equals(buffer.subarray(lineStart, lineStart + 3)) ? lineStart + 3 : lineStart;
    const end = terminated && lineEnd > start && buffer[lineEnd - 1] === CR ? lineEnd - 1 : lineEnd;
    this.#start = start;
    this.#end = end;
    this.#forgetAsked();
    this.offset = this.#base + start;
    this.take(buffer, start, end, this.#ascii);
  }

  /** Makes the record of a line. */
  protected abstract take(buffer: Buffer, start: number, end: number, ascii: boolean): void;

  /** Whether an index of the record is inside a character. */
  protected abstract isInsideCharacter(index: number): boolean;
}

class StringLineCursor extends LineCursor<string> {
  record = '';

  protected take(buffer: Buffer, start: number, end: number, ascii: boolean): void {
    this.record = buffer.toString(ascii ? 'latin1' : 'utf8', start, end);
  }

  protected isInsideCharacter(index: number): boolean {
    const unit = this.record.charCodeAt(index);
    return unit >= 0xdc00 && unit <= 0xdfff;
  }
}

class ByteLineCursor extends LineCursor<Bytes> {
  record = new Bytes(EMPTY);

  protected take(buffer: Buffer, start: number, end: number): void {
    this.record = new Bytes(buffer, start, end);
  }

  override offsetAt(index: number): number {
    return this.offset + index;
  }

  protected isInsideCharacter(): boolean {
    return false;
  }
}

// The input format of blocks of text lines, for jobs that look at bytes and not at lines: a record is as many whole lines as have
// been read.

import { Bytes, partOf } from '../bytes.ts';
import type { InputFormat, RecordCursor } from './format.ts';
import { BOM, checkLineLength, LF, lineBoundary } from './lines.ts';

const EMPTY = Buffer.alloc(0);

/**
 * Records are blocks of whole lines of text files, up to about a megabyte each, as views of their bytes, with line ends. Where one
 * record ends and the next begins may differ from run to run.
 */
export function byteBlocks(): InputFormat<Bytes> {
  return {
    name: 'byteBlocks',
    splittable: true,
    isText: true,
    boundary: lineBoundary,
    open: (file, start) => new ByteBlockCursor(file, start),
  };
}

class ByteBlockCursor implements RecordCursor<Bytes> {
  record = new Bytes(EMPTY);
  offset = 0;
  readonly #file: string;
  /** The end of the record in the file. */
  #end: number;
  /** The next records, and the begin of the line after them, as far as it has been read. */
  #blocks: Buffer[] = [];
  #rest = EMPTY;

  constructor(file: string, start: number) {
    this.#file = file;
    this.#end = start;
  }

  feed(block: Buffer): void {
    const linesEnd = block.lastIndexOf(LF) + 1;
    if (linesEnd === 0) {
      checkLineLength(this.#file, this.#end, this.#rest.length + block.length);
      this.#rest = Buffer.concat([this.#rest, block]);
      return;
    }
    const firstEnd = this.#rest.length === 0 ? 0 : block.indexOf(LF) + 1;
    this.#blocks = [Buffer.concat([this.#rest, block.subarray(0, firstEnd)]), partOf(block, firstEnd, linesEnd)];
    // A copy, since the block's memory may be used again.
    this.#rest = Buffer.from(block.subarray(linesEnd));
  }

  finish(): void {
    this.#blocks.push(this.#rest);
  }

  next(): boolean {
    for (let block = this.#blocks.shift(); block !== undefined; block = this.#blocks.shift()) {
      if (block.length === 0) continue;
      const start = this.#end === 0 && BOM.equals(block.subarray(0, BOM.length)) ? BOM.length : 0;
      this.record = new Bytes(block, start);
      this.offset = this.#end + start;
      this.#end += block.length;
      return true;
    }
    return false;
  }

  offsetAt(index: number): number {
    return this.offset + index;
  }
}

// Splits bytes into lines, of each of which only a bounded part is held: a result may have hundreds of megabytes.

import { crc32 } from 'node:zlib';

import { Bytes } from '../bytes.ts';

const LF = 0x0a;
const TAB = 0x09;
const EMPTY = Buffer.alloc(0);

/** What has been left out of a long line. */
export interface LeftOut {
  readonly bytes: number;
  readonly checksum: number;
  /** Whether some of it is part of the value, which is what follows the first tab. */
  readonly isOfValue: boolean;
}

/** A view of a line without its line end, valid until the next line. The key and the value of a long line are each shortened. */
export class BoundedLine extends Bytes {
  /** What has been left out; undefined if the line is whole. */
  leftOut: LeftOut | undefined;
}

/**
 * The lines of blocks, whose memory may be used again. All lines are returned in one view. If a line has more than `mostBytes`, its key
 * and its value are each shortened to that. The last line may have no line end.
 */
export function* boundedLines(blocks: Iterable<Buffer>, mostBytes: number): Generator<BoundedLine> {
  const line = new BoundedLine(EMPTY);
  let begun: BegunLine | undefined;
  for (const block of blocks) {
    for (let at = 0; at < block.length;) {
      const found = block.indexOf(LF, at);
      const end = found < 0 ? block.length : found;
      if (found >= 0 && begun === undefined && end - at <= mostBytes) {
        line.buffer = block;
        line.start = at;
        line.end = end;
        line.leftOut = undefined;
      } else {
        begun ??= new BegunLine(mostBytes);
        begun.add(block.subarray(at, end));
        if (found < 0) break;
        begun.take(line);
        begun = undefined;
      }
      yield line;
      at = end + 1;
    }
  }
  if (begun === undefined) return;
  begun.take(line);
  yield line;
}

/** A line that goes on in the next block, or is too long to be held whole. */
class BegunLine {
  readonly #mostBytes: number;
  readonly #kept: Buffer[] = [];
  /** How many more bytes are kept of the key, or of the value with its tab. */
  #room: number;
  #isInValue = false;
  #leftOutBytes = 0;
  #checksum = 0;
  #isValueCut = false;

  constructor(mostBytes: number) {
    this.#mostBytes = mostBytes;
    this.#room = mostBytes;
  }

  add(bytes: Buffer): void {
    const tab = this.#isInValue ? -1 : bytes.indexOf(TAB);
    if (tab < 0) return this.#keep(bytes);
    this.#keep(bytes.subarray(0, tab));
    this.#isInValue = true;
    this.#room = this.#mostBytes + 1;
    this.#keep(bytes.subarray(tab));
  }

  take(line: BoundedLine): void {
    line.buffer = Buffer.concat(this.#kept);
    line.start = 0;
    line.end = line.buffer.length;
    const [bytes, checksum, isOfValue] = [this.#leftOutBytes, this.#checksum, this.#isValueCut];
    line.leftOut = bytes === 0 ? undefined : { bytes, checksum, isOfValue };
  }

  #keep(bytes: Buffer): void {
    const kept = bytes.subarray(0, this.#room);
    if (kept.length > 0) this.#kept.push(Buffer.from(kept));
    this.#room -= kept.length;
    const rest = bytes.subarray(kept.length);
    if (rest.length === 0) return;
    this.#leftOutBytes += rest.length;
    this.#checksum = crc32(rest, this.#checksum);
    this.#isValueCut ||= this.#isInValue;
  }
}

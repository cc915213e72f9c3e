// Splits Zstandard data into frames. Node's decoder cannot be relied upon for this: most versions take a frame that is cut short
// for a whole one, or stop after the first of several.
//
// Source: RFC 8878, "Zstandard Compression and the application/zstd Media Type" (2021), section 3.1.

const FRAME = 0xfd2fb528;
const SKIPPABLE = 0x184d2a50;
const SKIPPABLE_MASK = 0xfffffff0;
const MAGIC_BYTES = 4;
const BLOCK_HEADER_BYTES = 3;
const CHECKSUM_BYTES = 4;
/** A block of this type is one byte, however many bytes it decompresses to. */
const RLE_BLOCK = 1;
const MOST_HEADER_BYTES = 18;
/** The most bytes to which a block decompresses. */
const MOST_BLOCK_BYTES = 1 << 17;
/** The first block of a frame is within this many bytes of its start. */
export const FIRST_BLOCK_WITHIN_BYTES = MOST_HEADER_BYTES + BLOCK_HEADER_BYTES + MOST_BLOCK_BYTES;
const EMPTY = Buffer.alloc(0);

/** The data does not follow the format, or ends too early. */
export class ZstdFormatError extends Error {
  override readonly name = 'ZstdFormatError';
}

/** The part of a frame that is in one block of the data as it was read. */
export interface FramePiece {
  readonly bytes: Buffer;
  readonly beginsFrame: boolean;
  readonly endsFrame: boolean;
}

/**
 * The frames of Zstandard data, piece by piece. Skippable frames are left out. So are zeros after the last frame, with which some
 * programs fill blocks.
 * @throws ZstdFormatError if the last frame is cut short, or is followed by something else
 */
export function* framePieces(blocks: Iterable<Buffer>): Generator<FramePiece> {
  let frame: Part | undefined;
  let rest: Buffer = EMPTY;
  let position = 0;
  for (const read of blocks) {
    const block = rest.length === 0 ? read : Buffer.concat([rest, read]);
    rest = EMPTY;
    let at = 0;
    while (at < block.length) {
      const beginsFrame = frame === undefined;
      // The first bytes of a frame are needed together: they are joined if they are in two blocks.
      if (frame === undefined && block.length - at < MAGIC_BYTES) {
        rest = block.subarray(at);
        break;
      }
      frame ??= partAt(block, at, position + at);
      const end = frame.advance(block, at);
      if (frame instanceof DataFrame) yield { bytes: block.subarray(at, end), beginsFrame, endsFrame: frame.isWhole };
      if (frame.isWhole) frame = undefined;
      at = end;
    }
    position += at;
  }
  if (frame instanceof Padding || (frame === undefined && isZeros(rest))) return;
  throw new ZstdFormatError(`the data is cut short at byte ${position + rest.length}, inside of a frame`);
}

/** To how many bytes a frame decompresses, as its header states; undefined if it does not, or is cut short. */
export function contentBytesOf(frame: Buffer): number | undefined {
  const { length, contentField } = headerOf(frame.readUInt8(MAGIC_BYTES));
  if (contentField === 0 || frame.length < length) return undefined;
  const at = length - contentField;
  switch (contentField) {
    case 1:
      return frame.readUInt8(at);
    case 2:
      return frame.readUInt16LE(at) + 256;
    case 4:
      return frame.readUInt32LE(at);
    default:
      return Number(frame.readBigUInt64LE(at));
  }
}

/** Whether the frame that begins with these bytes needs a dictionary, which no input contains. */
export function needsDictionary(start: Buffer): boolean {
  if (!isFrame(start) || start.length <= MAGIC_BYTES) return false;
  const { dictionaryField, length, contentField } = headerOf(start.readUInt8(MAGIC_BYTES));
  const at = length - contentField - dictionaryField;
  return start.length >= length && !isZeros(start.subarray(at, at + dictionaryField));
}

/**
 * The first block of a frame as a separate frame, which can be decompressed in one call, to at most a block; undefined if there is no
 * whole block.
 */
export function firstBlockAlone(start: Buffer): Buffer | undefined {
  if (!isFrame(start) || start.length <= MAGIC_BYTES) return undefined;
  const { length } = headerOf(start.readUInt8(MAGIC_BYTES));
  if (start.length < length + BLOCK_HEADER_BYTES) return undefined;
  const header = start.readUIntLE(length, BLOCK_HEADER_BYTES);
  const end = length + BLOCK_HEADER_BYTES + bodyBytes(header);
  if (start.length < end) return undefined;
  const block = Buffer.from(start.subarray(length, end));
  block.writeUIntLE(header | 1, 0, BLOCK_HEADER_BYTES);
  // No checksum, no content size, a window of 128 KiB.
  return Buffer.concat([start.subarray(0, MAGIC_BYTES), Buffer.from([0, (17 - 10) << 3]), block]);
}

export function isSkippable(magic: number): boolean {
  return (magic & SKIPPABLE_MASK) >>> 0 === SKIPPABLE;
}

function isFrame(start: Buffer): boolean {
  return start.length >= MAGIC_BYTES && start.readUInt32LE(0) === FRAME;
}

export function isZeros(bytes: Buffer): boolean {
  return bytes.every((byte) => byte === 0);
}

/** A part of the data: a frame, a skippable frame, or padding. */
interface Part {
  readonly isWhole: boolean;
  /** Goes on in a block. Returns where the part, or the block, ends. */
  advance(block: Buffer, at: number): number;
}

function partAt(block: Buffer, at: number, position: number): Part {
  const magic = block.readUInt32LE(at);
  if (magic === FRAME) return new DataFrame();
  if (isSkippable(magic)) return new SkippableFrame();
  if (magic === 0) return new Padding(position);
  throw new ZstdFormatError(`a frame was expected at byte ${position}, and something else is there`);
}

class DataFrame implements Part {
  isWhole = false;
  /** How many bytes are left to skip, and then how many bytes the next header has. */
  #left = MAGIC_BYTES;
  #needed = 1;
  readonly #header = Buffer.alloc(BLOCK_HEADER_BYTES);
  #have = 0;
  #part: 'descriptor' | 'block' | 'end' = 'descriptor';
  #hasChecksum = false;

  advance(block: Buffer, from: number): number {
    let at = from;
    while (at < block.length && !this.isWhole) {
      if (this.#left > 0) {
        const passed = Math.min(this.#left, block.length - at);
        this.#left -= passed;
        at += passed;
      } else {
        this.#header[this.#have++] = block[at++]!;
        if (this.#have === this.#needed) this.#readHeader();
      }
      this.isWhole = this.#left === 0 && this.#part === 'end';
    }
    return at;
  }

  #readHeader(): void {
    const header = this.#header.readUIntLE(0, this.#needed);
    this.#have = 0;
    this.#needed = BLOCK_HEADER_BYTES;
    if (this.#part === 'descriptor') {
      const { length, hasChecksum } = headerOf(header);
      this.#left = length - MAGIC_BYTES - 1;
      this.#hasChecksum = hasChecksum;
      this.#part = 'block';
    } else {
      const isLast = (header & 1) === 1;
      this.#left = bodyBytes(header) + (isLast && this.#hasChecksum ? CHECKSUM_BYTES : 0);
      if (isLast) this.#part = 'end';
    }
  }
}

class SkippableFrame implements Part {
  isWhole = false;
  readonly #header = Buffer.alloc(2 * MAGIC_BYTES);
  #have = 0;
  #left = 0;

  advance(block: Buffer, from: number): number {
    let at = from;
    while (at < block.length && this.#have < this.#header.length) {
      this.#header[this.#have++] = block[at++]!;
      this.#left = this.#header.readUInt32LE(MAGIC_BYTES);
    }
    if (this.#have < this.#header.length) return at;
    const passed = Math.min(this.#left, block.length - at);
    this.#left -= passed;
    this.isWhole = this.#left === 0;
    return at + passed;
  }
}

class Padding implements Part {
  readonly isWhole = false;
  readonly #position: number;

  constructor(position: number) {
    this.#position = position;
  }

  advance(block: Buffer, from: number): number {
    if (isZeros(block.subarray(from))) return block.length;
    throw new ZstdFormatError(`zeros from byte ${this.#position} on are followed by something else`);
  }
}

/** What a frame's descriptor states about its header: its length, with the magic number, and the lengths of some fields. */
function headerOf(descriptor: number): {
  length: number;
  contentField: number;
  dictionaryField: number;
  hasChecksum: boolean;
} {
  const isSingleSegment = (descriptor & 0x20) !== 0;
  const sizeFlag = descriptor >> 6;
  const contentField = sizeFlag === 0 ? (isSingleSegment ? 1 : 0) : 1 << sizeFlag;
  const dictionaryField = [0, 1, 2, 4][descriptor & 3]!;
  const length = MAGIC_BYTES + 1 + (isSingleSegment ? 0 : 1) + dictionaryField + contentField;
  return { length, contentField, dictionaryField, hasChecksum: (descriptor & 4) !== 0 };
}

/** How many bytes follow the header of a block. */
function bodyBytes(header: number): number {
  return ((header >> 1) & 3) === RLE_BLOCK ? 1 : header >>> 3;
}

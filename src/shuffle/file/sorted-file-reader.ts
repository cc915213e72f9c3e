// Reads a sorted file: its index, and the segment of each partition.

import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { unpack } from 'msgpackr';

import { codeOf } from '../../errors.ts';
import { refusedCall } from '../../machine/refused-call.ts';
import { damaged, MAGIC, type Segment, tailChecksum, TRAILER_BYTES, type WeightedKey } from './sorted-file-format.ts';
import { pairsOf, SegmentBlocks } from './segment-blocks.ts';

/** What the index holds for a segment: its bytes and its pairs. */
const SEGMENT_BYTES = 2 * Float64Array.BYTES_PER_ELEMENT;
/** More than the index and the hot keys take with the most partitions that there can be. */
const MOST_TAIL_BYTES = 1 << 24;

/** An open sorted file. */
export class SortedFileReader implements Disposable {
  readonly path: string;
  readonly partitionCount: number;
  /** Where the segment of each partition begins, and at last where the last one ends. */
  readonly bounds: Float64Array;
  /** How many pairs each segment has. */
  readonly #pairs: Float64Array;
  readonly #packedHotKeys: Buffer;
  readonly #fd: number;

  /** @throws CorruptError if the file is missing, cut short or not a sorted file */
  constructor(path: string) {
    this.path = path;
    try {
      // If a pipe is there instead, opening it must not wait.
      this.#fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    } catch (error) {
      throw codeOf(error) === 'ENOENT' ? damaged(path, 'no file') : error;
    }
    try {
      const { index, hotKeys } = this.#readTail();
      this.#packedHotKeys = hotKeys;
      this.partitionCount = index.length / 2;
      this.#pairs = index.subarray(this.partitionCount);
      this.bounds = boundsOf(index.subarray(0, this.partitionCount));
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** Where a partition's pairs are. @throws CorruptError if the file has no such partition */
  segment(partition: number): Segment {
    const [offset, end] = this.bounds.subarray(partition, partition + 2);
    if (offset !== undefined && end !== undefined)
      return { offset, bytes: end - offset, pairs: this.#pairs[partition]! };
    throw damaged(this.path, `${this.partitionCount} partitions, none with number ${partition}`);
  }

  /** One segment per partition, in partition order. */
  get segments(): Segment[] {
    return Array.from(this.#pairs, (_, partition) => this.segment(partition));
  }

  /** The keys that the map task emitted most, the heaviest first. */
  get hotKeys(): WeightedKey[] {
    return unpack(this.#packedHotKeys) as WeightedKey[];
  }

  /** The blocks of a partition; its pairs are in the order of their keys. */
  blocks(partition: number): SegmentBlocks {
    return new SegmentBlocks(this, this.segment(partition));
  }

  /** The pairs of a partition, one by one: for people to look at, not fast. */
  *pairs(partition: number): Generator<[key: Buffer, value: unknown]> {
    const blocks = this.blocks(partition);
    for (let block = blocks.next(); block !== undefined; block = blocks.next()) yield* pairsOf(block);
  }

  /** Fills `target` from `position` on. @throws CorruptError if the file ends before */
  read(target: Buffer, position: number): Buffer {
    for (let filled = 0; filled < target.length;) {
      const count = this.#readSome(target, filled, position + filled);
      if (count === 0) throw damaged(this.path, `its end at byte ${position + filled}`);
      filled += count;
    }
    return target;
  }

  #readSome(target: Buffer, from: number, position: number): number {
    try {
      return readSync(this.#fd, target, from, target.length - from, position);
    } catch (error) {
      throw refusedCall(error, this.path);
    }
  }

  close(): void {
    closeSync(this.#fd);
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #readTail(): { index: Float64Array; hotKeys: Buffer } {
    const stats = fstatSync(this.#fd);
    if (!stats.isFile()) throw damaged(this.path, stats.isDirectory() ? 'a folder' : 'something that is not a file');
    const { size } = stats;
    if (size < MAGIC.length + TRAILER_BYTES) throw damaged(this.path, `${size} bytes`);
    const head = this.read(Buffer.allocUnsafe(MAGIC.length), 0);
    if (!head.equals(MAGIC)) throw damaged(this.path, 'another kind of file');
    const trailer = this.read(Buffer.allocUnsafe(TRAILER_BYTES), size - TRAILER_BYTES);
    const indexBytes = trailer.readUInt32LE(0);
    const tailBytes = indexBytes + trailer.readUInt32LE(4);
    const tailStart = size - TRAILER_BYTES - tailBytes;
    const fits = tailStart >= MAGIC.length && tailBytes <= MOST_TAIL_BYTES && indexBytes % SEGMENT_BYTES === 0;
    if (!trailer.subarray(12).equals(MAGIC) || !fits) throw damaged(this.path, 'no trailer');
    // Memory of its own, which is aligned.
    const tail = this.read(Buffer.allocUnsafeSlow(tailBytes), tailStart);
    if (tailChecksum(trailer, tail) !== trailer.readUInt32LE(8))
      throw damaged(this.path, 'an index with a wrong checksum');
    return { index: new Float64Array(tail.buffer, 0, indexBytes / 8), hotKeys: tail.subarray(indexBytes) };
  }
}

function boundsOf(bytes: Float64Array): Float64Array {
  const bounds = new Float64Array(bytes.length + 1);
  bounds[0] = MAGIC.length;
  for (let partition = 0; partition < bytes.length; partition++) {
    bounds[partition + 1] = bounds[partition]! + bytes[partition]!;
  }
  return bounds;
}

/** The keys that the map task which left a file emitted most; undefined if the file cannot be read. */
export function hotKeysOf(path: string): WeightedKey[] | undefined {
  try {
    using file = new SortedFileReader(path);
    return file.hotKeys;
  } catch {
    return undefined;
  }
}

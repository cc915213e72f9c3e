// Reads a run: its index, and where its segments are.

import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { crc32 } from 'node:zlib';

import { unpack } from 'msgpackr';

import { codeOf } from '../errors.ts';
import { damaged, MAGIC, type Segment, TRAILER_BYTES } from './run-format.ts';
import { pairsOf, SegmentBlocks } from './segment-blocks.ts';

/** An open run file. */
export class RunReader implements Disposable {
  readonly path: string;
  /** A segment a partition, in partition order. */
  readonly segments: readonly Segment[];
  readonly #fd: number;

  /** @throws CorruptError where the file is missing, cut short or no run */
  constructor(path: string) {
    this.path = path;
    try {
      this.#fd = openSync(path, 'r');
    } catch (error) {
      throw codeOf(error) === 'ENOENT' ? damaged(path, 'no file') : error;
    }
    try {
      this.segments = this.#readIndex();
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** The blocks of a partition, whose pairs are in the order of their keys. */
  blocks(partition: number): SegmentBlocks {
    const segment = this.segments[partition];
    if (segment === undefined)
      throw damaged(this.path, `${this.segments.length} partitions, none with number ${partition}`);
    return new SegmentBlocks(this, segment);
  }

  /** The pairs of a partition, one by one: for looking at. */
  *pairs(partition: number): Generator<[key: Buffer, value: unknown]> {
    const blocks = this.blocks(partition);
    for (let block = blocks.next(); block !== undefined; block = blocks.next()) yield* pairsOf(block);
  }

  /** Fills `target` from `position` on. @throws CorruptError where the file ends before */
  read(target: Buffer, position: number): Buffer {
    for (let filled = 0; filled < target.length;) {
      const count = readSync(this.#fd, target, filled, target.length - filled, position + filled);
      if (count === 0) throw damaged(this.path, `its end at byte ${position + filled}`);
      filled += count;
    }
    return target;
  }

  close(): void {
    closeSync(this.#fd);
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #readIndex(): Segment[] {
    const size = fstatSync(this.#fd).size;
    if (size < MAGIC.length + TRAILER_BYTES) throw damaged(this.path, `${size} bytes`);
    const head = this.read(Buffer.allocUnsafe(MAGIC.length), 0);
    if (!head.equals(MAGIC)) throw damaged(this.path, 'another kind of file');
    const trailer = this.read(Buffer.allocUnsafe(TRAILER_BYTES), size - TRAILER_BYTES);
    const indexBytes = trailer.readUInt32LE(0);
    const indexStart = size - TRAILER_BYTES - indexBytes;
    if (!trailer.subarray(8).equals(MAGIC) || indexStart < MAGIC.length) throw damaged(this.path, 'no trailer');
    const index = this.read(Buffer.allocUnsafe(indexBytes), indexStart);
    if (crc32(index) !== trailer.readUInt32LE(4)) throw damaged(this.path, 'an index with a wrong checksum');
    return (unpack(index) as [number, number, number][]).map(([offset, bytes, pairs]) => ({ offset, bytes, pairs }));
  }
}

// Reads small segments ahead. Many files of many partitions have segments of a few bytes. Opening a file for each, and reading its
// index, takes a thousand times as long as reading the segment. So the segments that follow in a file are read with it: the worker
// that reduces one partition will be asked for the next ones.

import { SortedFileReader } from '../file/sorted-file-reader.ts';
import { SegmentBlocks } from '../file/segment-blocks.ts';

/** How many bytes are read ahead of one file, and of all files together. */
const WINDOW_BYTES = 16 * 1024;
const ALL_WINDOWS_BYTES = 16 * 1024 * 1024;
/** The bytes that a window keeps for a segment beside its content. */
const BOUND_BYTES = Float64Array.BYTES_PER_ELEMENT;

/** Reads sorted files that do not change during its life. */
export class ReadAhead {
  readonly #paths: readonly string[];
  readonly #windows: (Window | undefined)[];
  readonly #windowBytes: number;
  /** The memory of all windows, used again and again: windows with memory of their own would pile up until they are collected. */
  readonly #memory: Buffer;

  constructor(paths: readonly string[]) {
    this.#paths = paths;
    this.#windows = Array.from(paths, () => undefined);
    this.#windowBytes = Math.min(WINDOW_BYTES, Math.floor(ALL_WINDOWS_BYTES / paths.length));
    this.#memory = Buffer.allocUnsafeSlow(this.#windowBytes * paths.length);
  }

  /**
   * The segments of a partition, one per file, valid until those of another are asked for; undefined if one of them is too big to be
   * held. `onStep` is called for each file that is read.
   * @throws CorruptError if a file is damaged
   */
  segments(partition: number, onStep: () => void = () => {}): SegmentBlocks[] | undefined {
    const near: SegmentBlocks[] = [];
    for (const [index, path] of this.#paths.entries()) {
      let window = this.#windows[index];
      if (window?.holds(partition) !== true) {
        window = readWindow(
          path,
          partition,
          this.#memory.subarray(index * this.#windowBytes).subarray(0, this.#windowBytes),
        );
        this.#windows[index] = window;
        onStep();
      }
      if (window === undefined) return undefined;
      near.push(window.segment(partition));
    }
    return near;
  }
}

/** Some segments of a file that follow each other. */
class Window {
  readonly #path: string;
  readonly #first: number;
  /** Where in the file each segment begins, and at last where the last one ends. */
  readonly #bounds: Float64Array;
  readonly #bytes: Buffer;

  constructor(path: string, first: number, bounds: Float64Array, bytes: Buffer) {
    this.#path = path;
    this.#first = first;
    this.#bounds = bounds;
    this.#bytes = bytes;
  }

  holds(partition: number): boolean {
    return partition >= this.#first && partition < this.#first + this.#bounds.length - 1;
  }

  segment(partition: number): SegmentBlocks {
    const index = partition - this.#first;
    const offset = this.#bounds[index]!;
    const start = offset - this.#bounds[0]!;
    const bytes = this.#bounds[index + 1]! - offset;
    return new SegmentBlocks({ path: this.#path, bytes: this.#bytes, start }, { offset, bytes });
  }
}

function readWindow(path: string, partition: number, memory: Buffer): Window | undefined {
  using file = new SortedFileReader(path);
  const { offset } = file.segment(partition);
  const fits = (count: number): boolean =>
    file.bounds[partition + count]! - offset + (count + 1) * BOUND_BYTES <= memory.length;
  let count = 0;
  while (partition + count < file.partitionCount && fits(count + 1)) count++;
  if (count === 0) return undefined;
  const bounds = file.bounds.slice(partition, partition + count + 1);
  return new Window(path, partition, bounds, file.read(memory.subarray(0, bounds.at(-1)! - offset), offset));
}

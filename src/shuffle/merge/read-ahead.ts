// Reads small segments ahead. Many runs of many partitions have segments of a few bytes: to open a run for each, and read
// its index, takes a thousand times as long as to read it. So what follows a segment in its run is read along with it: who
// reduces one partition will be asked for the next ones.

import { SortedFileReader } from '../file/sorted-file-reader.ts';
import { SegmentBlocks } from '../file/segment-blocks.ts';

/** What is read ahead of one run, and what of all together, in bytes. */
const WINDOW_BYTES = 16 * 1024;
const ALL_WINDOWS_BYTES = 16 * 1024 * 1024;
/** What a window remembers of a segment. */
const BOUND_BYTES = Float64Array.BYTES_PER_ELEMENT;

/** Runs that do not change while this lives. */
export class ReadAhead {
  readonly #paths: readonly string[];
  readonly #windows: (Window | undefined)[];
  readonly #windowBytes: number;
  /** A place for each window, used again for what it holds next: windows of their own would be garbage until they are collected. */
  readonly #memory: Buffer;

  constructor(paths: readonly string[]) {
    this.#paths = paths;
    this.#windows = Array.from(paths, () => undefined);
    this.#windowBytes = Math.min(WINDOW_BYTES, Math.floor(ALL_WINDOWS_BYTES / paths.length));
    this.#memory = Buffer.allocUnsafeSlow(this.#windowBytes * paths.length);
  }

  /**
   * The segments of a partition, one a run, until those of another are asked for; undefined where one of them is too big to be held.
   * `onStep` is called for each run that is read.
   * @throws CorruptError where a run is damaged
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

/** Some segments of a run that follow each other. */
class Window {
  readonly #path: string;
  readonly #first: number;
  /** Where in the file the segments begin, and after them, where the last one ends. */
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

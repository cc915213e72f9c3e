// What the server's thread and the thread of the user's code exchange: the order to run an attempt; and, in shared memory, how
// far the attempt is, and at which record or key.

import type { Place, TaskRequest } from '../protocol.ts';
import type { TaskKind } from '../task-ids.ts';
import { keyPlace, PLACE_KEY_BYTES } from '../tasks/current-place.ts';
import type { Progress } from '../tasks/run-task.ts';

export interface AttemptOrder {
  readonly kind: TaskKind;
  readonly request: TaskRequest;
}

/** The memory has cells of float64, then a text: the file of the slice, or the key. */
const RECORDS = 0;
const BYTES = 1;
const PLACE = 2;
const SLICE = 3;
const OFFSET = 4;
const TEXT_BYTES = 5;
const STEPS = 6;
const IS_WAITING = 7;
const TEXT_START = 8 * Float64Array.BYTES_PER_ELEMENT;
/** Longer paths are cut short; keys never are. */
const MOST_TEXT_BYTES = 4096;

/** The values of the cell PLACE; negated while it does not apply. */
const NOWHERE = 0;
const AT_RECORD = 1;
const AT_KEY = 2;

/** Progress in shared memory: it can be read while the user's code does not return, and after its thread is gone. */
export class SharedProgress implements Progress {
  readonly #cells: Float64Array;
  readonly #text: Buffer;
  readonly keyMemory: Buffer;

  constructor(memory: SharedArrayBuffer = new SharedArrayBuffer(TEXT_START + MOST_TEXT_BYTES)) {
    this.#cells = new Float64Array(memory, 0, TEXT_START / Float64Array.BYTES_PER_ELEMENT);
    this.#text = Buffer.from(memory, TEXT_START);
    this.keyMemory = this.#text.subarray(0, PLACE_KEY_BYTES);
  }

  get memory(): SharedArrayBuffer {
    return this.#cells.buffer as SharedArrayBuffer;
  }

  get records(): number {
    return this.#cells[RECORDS]!;
  }
  set records(count: number) {
    this.#cells[RECORDS] = count;
  }

  get bytes(): number {
    return this.#cells[BYTES]!;
  }
  set bytes(count: number) {
    this.#cells[BYTES] = count;
  }

  get steps(): number {
    return this.#cells[STEPS]!;
  }
  set steps(count: number) {
    this.#cells[STEPS] = count;
  }

  get isWaiting(): boolean {
    return this.#cells[IS_WAITING] === 1;
  }
  set isWaiting(waits: boolean) {
    this.#cells[IS_WAITING] = waits ? 1 : 0;
  }

  /** Where the user's code is. It runs on meanwhile, so the result may be a mixture of two places. */
  get place(): Place | undefined {
    const cells = this.#cells;
    const text = (): string => this.#text.toString('utf8', 0, cells[TEXT_BYTES]);
    if (cells[PLACE] === AT_RECORD) return { file: text(), slice: cells[SLICE]!, offset: cells[OFFSET]! };
    return cells[PLACE] === AT_KEY ? keyPlace(text()) : undefined;
  }

  beginSlice(slice: number, file: string): void {
    const cells = this.#cells;
    cells[PLACE] = NOWHERE;
    cells[TEXT_BYTES] = this.#text.write(file);
    cells[SLICE] = slice;
  }

  beginRecord(offset: number): void {
    this.#cells[OFFSET] = offset;
    this.#cells[PLACE] = AT_RECORD;
  }

  beginKey(key: Buffer, length: number): void {
    const known = Math.min(length, PLACE_KEY_BYTES);
    if (key !== this.keyMemory) key.copy(this.keyMemory, 0, 0, known);
    this.#cells[TEXT_BYTES] = known;
    this.#cells[PLACE] = AT_KEY;
  }

  pause(): void {
    this.#cells[PLACE] = -this.#cells[PLACE]!;
  }

  goOn(): void {
    this.pause();
  }

  leave(): void {
    this.#cells[PLACE] = NOWHERE;
  }

  /** Clears everything: another attempt begins once the thread receives its order. */
  reset(): void {
    this.#cells.fill(0);
    this.isWaiting = true;
  }
}

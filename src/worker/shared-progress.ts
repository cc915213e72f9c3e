// What the server's thread and the user code's thread share: the order to run an attempt, how far it is, and where.

import type { Place, TaskRequest } from '../protocol.ts';
import type { TaskKind } from '../task-ids.ts';
import { keyPlace, PLACE_KEY_BYTES } from '../tasks/current-place.ts';
import type { Progress } from '../tasks/run-task.ts';

export interface AttemptOrder {
  readonly kind: TaskKind;
  readonly request: TaskRequest;
}

/** Cells of float64, then a text: the file of the slice, or the key. */
const RECORDS = 0;
const BYTES = 1;
const PLACE = 2;
const SLICE = 3;
const OFFSET = 4;
const TEXT_BYTES = 5;
const STEPS = 6;
const IS_WAITING = 7;
const TEXT_START = 8 * Float64Array.BYTES_PER_ELEMENT;
/** Longer paths are cut; no key is. */
const MOST_TEXT_BYTES = 4096;

/** What the cell of the place says; less than that while it is of no meaning. */
const NOWHERE = 0;
const AT_RECORD = 1;
const AT_KEY = 2;

/** Progress in shared memory, so that it can be read while the user's code does not return, and when its thread is gone. */
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

  /** Where the user's code is. It goes on meanwhile: what this answers may be a mixture of two places. */
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

  /** Another attempt is to begin, once the thread hears of it. */
  reset(): void {
    this.#cells.fill(0);
    this.isWaiting = true;
  }
}

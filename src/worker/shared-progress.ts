// What the server's thread and the user code's thread share: the order to run an attempt, and how far it is.

import type { TaskKind, TaskRequest } from '../protocol.ts';

export interface AttemptOrder {
  readonly kind: TaskKind;
  readonly request: TaskRequest;
}

/** Progress in shared memory, so that it can be read while the user's code does not return. */
export class SharedProgress {
  readonly #cells: Float64Array;

  constructor(memory: SharedArrayBuffer = new SharedArrayBuffer(16)) {
    this.#cells = new Float64Array(memory);
  }

  get memory(): SharedArrayBuffer {
    return this.#cells.buffer as SharedArrayBuffer;
  }

  get records(): number {
    return this.#cells[0]!;
  }
  set records(count: number) {
    this.#cells[0] = count;
  }

  get bytes(): number {
    return this.#cells[1]!;
  }
  set bytes(count: number) {
    this.#cells[1] = count;
  }

  reset(): void {
    this.#cells.fill(0);
  }
}

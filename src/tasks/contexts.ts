// Makes the contexts that a job's functions are called with, for every runner.

import type { RecordCursor } from '../formats/format.ts';
import type { Emit, MapContext, ReduceContext, TaskContext } from '../job.ts';
import type { Place } from '../protocol.ts';

/** Makes a context that emits with `emit`. A shared context serves many records or keys, and follows the current one. */
export type ContextOf<Context> = (emit: Emit<unknown>, isShared: boolean) => Context;

/** Makes the contexts of `map`, and follows a task's records. */
export class RecordContexts {
  /** The index of the current record within its slice. */
  index = 0;
  readonly #task: TaskContext;
  #file = '';
  #slice = 0;
  #cursor: RecordCursor<unknown> | undefined;

  constructor({ runId, task, attempt, params, count }: TaskContext) {
    this.#task = { runId, task, attempt, params, count };
  }

  beginSlice(slice: number, file: string, cursor: RecordCursor<unknown>): void {
    this.#slice = slice;
    this.#file = file;
    this.index = 0;
    this.#cursor = cursor;
  }

  /** Makes a context whose properties are its own, not a prototype's, so that a job may spread it. */
  readonly contextOf: ContextOf<MapContext> = (emit, isShared) => {
    if (!isShared)
      return {
        ...this.#task,
        emit,
        file: this.#file,
        index: this.index,
        offset: this.#offset,
        offsetAt: this.#offsetAt,
      };
    const [file, index, offset] = [() => this.#file, () => this.index, () => this.#offset];
    return {
      ...this.#task,
      emit,
      get file() {
        return file();
      },
      get index() {
        return index();
      },
      get offset() {
        return offset();
      },
      offsetAt: this.#offsetAt,
    };
  };

  /** Returns the place of the current record. */
  place(): Place {
    return { file: this.#file, slice: this.#slice, offset: this.#offset };
  }

  get #offset(): number {
    return this.#cursor?.offset ?? 0;
  }

  readonly #offsetAt = (index: number): number => this.#cursor?.offsetAt(index) ?? 0;
}

/** Makes the contexts of `reduce`. */
export function keyContexts({ runId, task, attempt, params, count }: TaskContext): ContextOf<ReduceContext> {
  return (emit) => ({ runId, task, attempt, params, count, emit });
}

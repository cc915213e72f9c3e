// The contexts that a job's functions are called with: the same for every way in which a job is run.

import type { RecordCursor } from '../formats/format.ts';
import type { Emit, MapContext, ReduceContext, TaskContext } from '../job.ts';
import type { Place } from '../protocol.ts';

/** Makes the context that emits with `emit`. A shared one serves many records or keys, and follows where the attempt is. */
export type ContextOf<Context> = (emit: Emit<unknown>, isShared: boolean) => Context;

/** Makes the contexts of `map`, and follows the records of a task. */
export class RecordContexts {
  /** The number of records of the slice that came before. */
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

  /** Properties of the context itself, and not of a prototype: so a job may spread it. */
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

  /** Where the current record is. */
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

// What a map function can ask for beside its record.

import type { RecordCursor } from '../formats/format.ts';
import type { MapContext } from '../job.ts';
import type { Place } from '../protocol.ts';
import { AttemptContext } from './attempt.ts';

export class MapTaskContext extends AttemptContext implements MapContext {
  file = '';
  record = 0;
  #slice = 0;
  #cursor: RecordCursor<unknown> | undefined;

  beginSlice(slice: number, file: string, cursor: RecordCursor<unknown>): void {
    this.#slice = slice;
    this.file = file;
    this.record = 0;
    this.#cursor = cursor;
  }

  get offset(): number {
    return this.#cursor?.offset ?? 0;
  }

  readonly offsetAt = (index: number): number => this.#cursor?.offsetAt(index) ?? 0;

  place(): Place {
    return { file: this.file, slice: this.#slice, offset: this.offset };
  }
}

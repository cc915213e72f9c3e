// Writing a job. This module loads no driver code: every worker that loads a job loads it.

export { defineJob } from './job.ts';
export type { Emit, Job, MapContext, Pairs, ParamSpecs, ReduceContext, TaskContext } from './job.ts';
export { Bytes } from './bytes.ts';
export type { Key } from './bytes.ts';
export { byteBlocks } from './formats/byte-blocks.ts';
export { byteLines, lines } from './formats/lines.ts';
export { fields } from './formats/fields.ts';
export { words } from './formats/words/words.ts';
export type { WordsOptions } from './formats/words/words.ts';
export type { LinesOptions } from './formats/lines.ts';
export type { InputFormat, RandomAccess, RecordCursor } from './formats/format.ts';
export { identity, max, min, sum } from './reducers.ts';
export type { NumberReducer } from './reducers.ts';
export {
  CorruptError,
  InputError,
  InterruptedError,
  InvariantError,
  JobError,
  LostError,
  MapReduceError,
  SystemError,
  UsageError,
  VerifyError,
} from './errors.ts';

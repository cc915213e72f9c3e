// The messages between the driver and the job host. The job host is a separate process; the user's code runs in a thread of it, as
// far as it does not run in workers. The driver itself never loads a job.

import type { InputFile } from '../driver/inputs/inputs.ts';
import type { ErrorKind } from '../errors.ts';
import type { Slice } from '../formats/chunk/chunk.ts';
import type { JobPart } from '../job-loading/module-graph.ts';
import type { Place } from '../protocol.ts';
import type { RecordPlace } from './left-out-records.ts';
import type { SequentialProgress } from './sequential-run.ts';

/** What the driver knows about a job: data, but no code. */
export interface JobDescription {
  readonly name: string;
  readonly description: string;
  readonly partition: 'hash' | 'range';
  /** Whether its records are lines of text. */
  readonly isText: boolean;
  /** The files and packages that it was loaded from. */
  readonly parts: readonly JobPart[];
  /** The values that it accepts as `--param`, in words; undefined if it accepts any. */
  readonly params: readonly { readonly name: string; readonly takes: string }[] | undefined;
  /** The names of the environment variables that it declares. */
  readonly env: readonly string[];
}

/** An order to the host, which carries out one at a time. The first is `load`; the others use the job that it has loaded. */
export type HostOrder =
  | {
      readonly type: 'load';
      /** The absolute path of the job's file. */
      readonly path: string;
      /** The parameters as they were given; undefined if only the description is wanted. */
      readonly params?: Readonly<Record<string, string>> | undefined;
      /** The heap limit for the job's code, in all orders but `sequential`. */
      readonly heapBytes: number;
    }
  /** Cuts the inputs into `count` chunks. */
  | { readonly type: 'plan'; readonly inputs: readonly InputFile[]; readonly count: number }
  /** Calls map with a sample of the inputs. */
  | { readonly type: 'sample'; readonly inputs: readonly InputFile[]; readonly rangeCount: number }
  /** Runs the job in one thread, and writes its output to `OUTPUT_FD`, which is closed at the end. */
  | {
      readonly type: 'sequential';
      readonly inputs: readonly InputFile[];
      /** The records to skip. */
      readonly skipped: readonly RecordPlace[];
    };

/** The result of each order. */
export interface HostAnswers {
  readonly load: JobDescription;
  readonly plan: Slice[][];
  readonly sample: undefined;
  readonly sequential: undefined;
}

/** The error that the driver must throw. */
export interface HostFailure {
  readonly kind: ErrorKind;
  readonly message: string;
}

/** A message from the host about its current order. `answer` or `failed` is the last one. */
export type HostNews =
  | { readonly type: 'answer'; readonly answer?: HostAnswers[HostOrder['type']] }
  | { readonly type: 'failed'; readonly failure: HostFailure }
  /** Keys of the sample, with one character per byte. */
  | { readonly type: 'keys'; readonly keys: readonly string[] }
  | { readonly type: 'progress'; readonly progress: SequentialProgress }
  /** Sent each second of a sequential run. `steps` grows while the user's code makes progress. `isOurs`: our own code runs. */
  | { readonly type: 'steps'; readonly steps: number; readonly isOurs: boolean; readonly place?: Place | undefined };

/** The file descriptor for data that is too much for messages: the lines of a sequential run. */
export const OUTPUT_FD = 4;

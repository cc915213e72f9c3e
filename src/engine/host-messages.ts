// What the driver asks of the job host, and what that says back. The job host is a process of its own, whose thread is where the
// user's code runs, as far as that is not in workers: the driver itself never loads a job.

import type { InputFile } from '../driver/inputs/inputs.ts';
import type { ErrorKind } from '../errors.ts';
import type { Slice } from '../formats/chunk/chunk.ts';
import type { JobPart } from '../job-loading/module-graph.ts';
import type { Place } from '../protocol.ts';
import type { RecordPlace } from './left-out-records.ts';
import type { SequentialProgress } from './sequential-run.ts';

/** What the driver knows of a job: data, none of its code. */
export interface JobDescription {
  readonly name: string;
  readonly description: string;
  readonly partition: 'hash' | 'range';
  /** Whether its records are lines of text. */
  readonly isText: boolean;
  /** What it was loaded from. */
  readonly parts: readonly JobPart[];
  /** What it takes as `--param`, in words; undefined if that is anything. */
  readonly params: readonly { readonly name: string; readonly takes: string }[] | undefined;
  /** The names of the variables that it declares. */
  readonly env: readonly string[];
}

/** One order at a time. The first one is `load`; all others are about the job that it has loaded. */
export type HostOrder =
  | {
      readonly type: 'load';
      /** The absolute path of the job's file. */
      readonly path: string;
      /** As they were given; none: only a description is wanted. */
      readonly params?: Readonly<Record<string, string>> | undefined;
      /** How much heap the job's code may have, in this order and in the others but `sequential`. */
      readonly heapBytes: number;
    }
  /** Cuts the inputs into so many chunks. */
  | { readonly type: 'plan'; readonly inputs: readonly InputFile[]; readonly count: number }
  /** Calls map with a sample of the inputs. */
  | { readonly type: 'sample'; readonly inputs: readonly InputFile[]; readonly rangeCount: number }
  /** Runs the job in one thread, and writes its output to `OUTPUT_FD`, which is closed at the end. */
  | {
      readonly type: 'sequential';
      readonly inputs: readonly InputFile[];
      /** The records to leave out. */
      readonly skipped: readonly RecordPlace[];
    };

/** What each order is answered with in the end. */
export interface HostAnswers {
  readonly load: JobDescription;
  readonly plan: Slice[][];
  readonly sample: undefined;
  readonly sequential: undefined;
}

/** Which error the driver is to throw. */
export interface HostFailure {
  readonly kind: ErrorKind;
  readonly message: string;
}

/** What the host says while it works on an order; `answer` and `failed` are its last word about it. */
export type HostNews =
  | { readonly type: 'answer'; readonly answer?: HostAnswers[HostOrder['type']] }
  | { readonly type: 'failed'; readonly failure: HostFailure }
  /** Keys of the sample, a character a byte. */
  | { readonly type: 'keys'; readonly keys: readonly string[] }
  | { readonly type: 'progress'; readonly progress: SequentialProgress }
  /** Each second of a sequential run: `steps` grows while the user's code goes on. `isOurs`: what goes on is our own work. */
  | { readonly type: 'steps'; readonly steps: number; readonly isOurs: boolean; readonly place?: Place | undefined };

/** Where the host writes what is too much for messages: the lines of a sequential run. */
export const OUTPUT_FD = 4;

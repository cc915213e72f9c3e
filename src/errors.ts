// Every way in which http-mapreduce fails. The class of an error says who must act; `exit-codes.ts` has the exit code of each.

import { type ErrorKind, exitCodeOf } from './exit-codes.ts';

export type { ErrorKind } from './exit-codes.ts';

/** The base of every error of this package: `kind` says who must act, `exitCode` is the exit code of the command. */
export abstract class MapReduceError extends Error {
  abstract readonly kind: ErrorKind;

  get exitCode(): number {
    return exitCodeOf(this);
  }
}

/** The caller asked for something that cannot be done. Raised before anything starts; never retried. */
export class UsageError extends MapReduceError {
  override readonly name = 'UsageError';
  readonly kind = 'usage';
}

/** The user's own function failed on each attempt. The message holds the user's stack and the record or key. */
export class JobError extends MapReduceError {
  override readonly name = 'JobError';
  readonly kind = 'job';
}

/** Workers were lost more often than the run allows. */
export class LostError extends MapReduceError {
  override readonly name = 'LostError';
  readonly kind = 'lost';
}

/** A file of the run (a chunk or a sorted file) is missing, cut short or damaged. It is made again without help. */
export class CorruptError extends MapReduceError {
  override readonly name = 'CorruptError';
  readonly kind = 'corrupt';
  /** The file, if it is known. */
  readonly path: string | undefined;

  constructor(message: string, { path, ...options }: ErrorOptions & { readonly path?: string } = {}) {
    super(message, options);
    this.path = path;
  }
}

/** An input has changed or vanished while the job ran, or is not what its name says. */
export class InputError extends MapReduceError {
  override readonly name = 'InputError';
  readonly kind = 'input';
}

/** The machine refused a call: a full disk, too many open files, missing permissions. */
export class SystemError extends MapReduceError {
  override readonly name = 'SystemError';
  readonly kind = 'system';
}

/** The output differs from what the sequential runner computes. */
export class VerifyError extends MapReduceError {
  override readonly name = 'VerifyError';
  readonly kind = 'verify';
}

/** A signal asked the run to stop. */
export class InterruptedError extends MapReduceError {
  override readonly name = 'InterruptedError';
  readonly kind = 'interrupted';
}

/** A bug of ours: a state that must not occur. */
export class InvariantError extends MapReduceError {
  override readonly name = 'InvariantError';
  readonly kind = 'invariant';
}

/** Makes the error of a kind again that another thread or process has thrown: a class cannot be sent. */
export function errorOf(kind: ErrorKind, message: string): MapReduceError {
  return new CLASSES[kind](message);
}

const CLASSES: Readonly<Record<ErrorKind, new (message: string) => MapReduceError>> = {
  verify: VerifyError,
  usage: UsageError,
  job: JobError,
  lost: LostError,
  corrupt: CorruptError,
  input: InputError,
  system: SystemError,
  invariant: InvariantError,
  interrupted: InterruptedError,
};

/** The message of any thrown value. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/** The `code` of a system error such as `ENOENT`, or undefined. */
export function codeOf(thrown: unknown): string | undefined {
  const code: unknown = thrown instanceof Error && 'code' in thrown ? thrown.code : undefined;
  return typeof code === 'string' ? code : undefined;
}

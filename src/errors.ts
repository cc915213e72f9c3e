// Every way in which http-mapreduce fails. A class says who must act, and the exit code tells the classes apart.

/** Exit codes of the command, by who must act. 1 is kept for `--verify`: the run ended, and its answer differs. */
export const EXIT_CODES = {
  verify: 1,
  usage: 2,
  job: 3,
  lost: 4,
  corrupt: 5,
  input: 5,
  system: 6,
  invariant: 70,
  interrupted: 130,
} as const;

export type ErrorKind = keyof typeof EXIT_CODES;

/** What every error of this package has: `kind` says who must act, `exitCode` is what the command ends with. */
export abstract class MapReduceError extends Error {
  abstract readonly kind: ErrorKind;

  get exitCode(): number {
    return EXIT_CODES[this.kind];
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

/** A file of the run (chunk or run) is missing, cut short or damaged. Tasks make it again by themselves. */
export class CorruptError extends MapReduceError {
  override readonly name = 'CorruptError';
  readonly kind = 'corrupt';
  /** The file, where it is known. */
  readonly path: string | undefined;

  constructor(message: string, { path, ...options }: ErrorOptions & { readonly path?: string } = {}) {
    super(message, options);
    this.path = path;
  }
}

/** An input has changed or gone while the job ran, or is not what its name says. */
export class InputError extends MapReduceError {
  override readonly name = 'InputError';
  readonly kind = 'input';
}

/** The machine refused: a full disk, too many open files, missing permissions. */
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

/** Our own bug: a state that must not be. */
export class InvariantError extends MapReduceError {
  override readonly name = 'InvariantError';
  readonly kind = 'invariant';
}

/** The error of a kind, which comes from another thread or process: its class does not cross. */
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

/** The message of anything that can be thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/** The `code` of a system error such as `ENOENT`, or undefined. */
export function codeOf(thrown: unknown): string | undefined {
  const code: unknown = thrown instanceof Error && 'code' in thrown ? thrown.code : undefined;
  return typeof code === 'string' ? code : undefined;
}

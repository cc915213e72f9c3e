// How an attempt fails: whose fault it is, and where it was.

import { CorruptError, messageOf, UsageError } from '../errors.ts';
import type { AttemptFailure } from '../protocol.ts';

/** An attempt that failed for a known reason. */
export class TaskFailure extends Error {
  override readonly name = 'TaskFailure';
  readonly failure: AttemptFailure;

  constructor(failure: AttemptFailure, options?: ErrorOptions) {
    super(failure.message, options);
    this.failure = failure;
  }
}

/** The user's code threw while it was at `at` (a record or a key, in words). */
export function jobFailure(thrown: unknown, at: string): TaskFailure {
  if (thrown instanceof TaskFailure) return thrown;
  const stack = thrown instanceof Error && thrown.stack !== undefined ? userFrames(thrown.stack) : undefined;
  return new TaskFailure(
    { kind: 'job', message: messageOf(thrown), at, ...(stack === undefined ? {} : { stack }) },
    { cause: thrown },
  );
}

/** The worker will not run this attempt: a request of another run, or of a task that is done. */
export function refusal(message: string): TaskFailure {
  return new TaskFailure({ kind: 'refused', message });
}

/** Any error of an attempt as what goes over the wire. */
export function describeFailure(error: unknown): AttemptFailure {
  if (error instanceof TaskFailure) return error.failure;
  if (error instanceof CorruptError) return { kind: 'corrupt', message: error.message };
  if (error instanceof UsageError) return { kind: 'usage', message: error.message };
  const stack = error instanceof Error ? error.stack : undefined;
  return { kind: 'system', message: messageOf(error), ...(stack === undefined ? {} : { stack }) };
}

const ROOT = new URL('..', import.meta.url).href;
const OWN_PARTS = ['formats', 'shuffle', 'tasks', 'worker'].map((part) => `${ROOT}${part}/`);

/** The stack without the frames of our own and of Node's insides: what is left is the user's. */
function userFrames(stack: string): string {
  const isOurs = (line: string): boolean =>
    /^\s+at .*node:internal/.test(line) || OWN_PARTS.some((part) => line.includes(part));
  return stack
    .split('\n')
    .filter((line) => !isOurs(line))
    .join('\n');
}

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
  return { kind: 'job', message: messageOf(error), ...(stack === undefined ? {} : { stack }) };
}

const OWN_FRAMES = new URL('.', import.meta.url).href;

/** The stack down to where our code called the user's. */
function userFrames(stack: string): string {
  const lines = stack.split('\n');
  const own = lines.findIndex((line) => line.includes(OWN_FRAMES));
  return (own > 0 ? lines.slice(0, own) : lines).join('\n');
}

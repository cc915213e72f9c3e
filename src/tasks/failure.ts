// Describes how an attempt fails: whose fault it is, and at which record or key.

import { CorruptError, InputError, JobError, messageOf, SystemError, UsageError } from '../errors.ts';
import { blameForIntrinsics } from '../job-loading/intrinsics.ts';
import type { AttemptFailure, Place, TaskRequest } from '../protocol.ts';
import { refusedCall } from '../machine/refused-call.ts';
import { taskFile, workspaceAt } from '../workspace/paths.ts';

/** An attempt that failed for a known reason. */
export class TaskFailure extends Error {
  override readonly name = 'TaskFailure';
  readonly failure: AttemptFailure;

  constructor(failure: AttemptFailure, options?: ErrorOptions) {
    super(failure.message, options);
    this.failure = failure;
  }
}

/** The user's code threw while it processed a record or a key. */
export function jobFailure(thrown: unknown, place: Place | undefined): TaskFailure {
  if (thrown instanceof TaskFailure) return thrown;
  const stack = thrown instanceof Error && thrown.stack !== undefined ? userFrames(thrown.stack) : undefined;
  return new TaskFailure(
    {
      kind: 'job',
      message: messageOf(thrown),
      ...(place === undefined ? {} : { place }),
      ...(stack === undefined ? {} : { stack }),
    },
    { cause: thrown },
  );
}

/** The worker refuses the attempt: the request is of another run, or of a task that is done. */
export function refusal(message: string): TaskFailure {
  return new TaskFailure({ kind: 'refused', message });
}

/** Turns any error of an attempt into a failure for the wire. */
export function describeFailure(thrown: unknown, { dir }: Pick<TaskRequest, 'dir'>): AttemptFailure {
  if (thrown instanceof TaskFailure) return thrown.failure;
  if (thrown instanceof JobError) return { kind: 'job', message: thrown.message };
  const blame = blameForIntrinsics();
  if (blame !== undefined) return { kind: 'job', message: `${blame}; it led to: ${messageOf(thrown)}` };
  const error = refusedCall(thrown);
  const message = messageOf(error);
  if (error instanceof CorruptError) {
    const damaged = error.path === undefined ? undefined : taskFile(workspaceAt(dir), error.path);
    return { kind: 'corrupt', message, ...(damaged === undefined ? {} : { damaged }) };
  }
  if (error instanceof InputError || error instanceof SystemError || error instanceof UsageError) {
    return { kind: error.kind, message };
  }
  const stack = error instanceof Error ? error.stack : undefined;
  return { kind: 'system', message, ...(stack === undefined ? {} : { stack }) };
}

/** All of our code is in this folder. The built-in jobs are too, but count as the user's. */
const ROOT = new URL('..', import.meta.url).href;
const JOBS = new URL('jobs/', ROOT).href;

/** Returns the stack without frames of our own and of Node's internals: the user's frames are left. */
function userFrames(stack: string): string {
  const isOurs = (line: string): boolean =>
    /^\s+at .*node:internal/.test(line) || (line.includes(ROOT) && !line.includes(JOBS));
  return stack
    .split('\n')
    .filter((line) => !isOurs(line))
    .join('\n');
}

// How an attempt fails: whose fault it is, and where it was.

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

/** The user's code threw while it was at a record or a key. */
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

/** The worker will not run this attempt: a request of another run, or of a task that is done. */
export function refusal(message: string): TaskFailure {
  return new TaskFailure({ kind: 'refused', message });
}

/** Any error of an attempt as what goes over the wire. */
export function describeFailure(thrown: unknown, { dir }: Pick<TaskRequest, 'dir'>): AttemptFailure {
  if (thrown instanceof TaskFailure) return thrown.failure;
  if (thrown instanceof JobError) return { kind: 'job', message: thrown.message };
  const blame = blameForIntrinsics();
  if (blame !== undefined) return { kind: 'job', message: `${blame}; what came of it: ${messageOf(thrown)}` };
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

/** All that is ours is below it; the jobs that come along are as a user's are. */
const ROOT = new URL('..', import.meta.url).href;
const JOBS = new URL('jobs/', ROOT).href;

/** The stack without the frames of our own and of Node's insides: what is left is the user's. */
function userFrames(stack: string): string {
  const isOurs = (line: string): boolean =>
    /^\s+at .*node:internal/.test(line) || (line.includes(ROOT) && !line.includes(JOBS));
  return stack
    .split('\n')
    .filter((line) => !isOurs(line))
    .join('\n');
}

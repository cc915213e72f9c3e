// Finds attempts that have made no progress for too long, by the reports of their workers.

import type { AttemptFailure } from '../protocol.ts';
import type { RunLimits } from './events.ts';
import type { OpenAttempt } from './state.ts';

/** The attempts to end, each with its failure. */
export function* timeouts(
  open: Iterable<OpenAttempt>,
  { taskTimeoutMs }: RunLimits,
): Generator<[OpenAttempt, AttemptFailure]> {
  if (taskTimeoutMs === 0) return;
  const message = `no progress for ${taskTimeoutMs / 1000} s (--task-timeout)`;
  for (const attempt of open) {
    const { report, stalledMs, place } = attempt;
    if (report !== undefined || stalledMs < taskTimeoutMs) continue;
    yield [attempt, { kind: 'timeout', message, ...(place === undefined ? {} : { place }) }];
  }
}

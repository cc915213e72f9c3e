// Describes why a run failed: which task, on which worker, how often, and the last error.

import type { AttemptFailure } from '../protocol.ts';
import type { AttemptEnd, FailureCause, LossCause } from '../scheduler/events.ts';
import { plural } from './numbers.ts';
import { atText } from './place-text.ts';

export function causeText(cause: FailureCause): string {
  switch (cause.type) {
    case 'input-changed':
      return cause.message;
    case 'damaged-again':
      return `${cause.task} failed: its files were found damaged ${cause.times} times; the last time: ${cause.message}`;
    case 'too-many-bad-records':
      return (
        `${cause.task} failed: expected at most ${plural(cause.limit, 'bad record')} (--skip-bad-records), found more; ` +
        `the last one, on worker ${cause.worker}${endText(cause.last)}`
      );
    case 'workers-used-up':
      return (
        `${cause.task ?? 'the run'} failed: no worker is left, ${plural(cause.restarts, 'restart')} each used up ` +
        `(--max-respawns); worker ${cause.worker} was lost last${endText(cause.last)}`
      );
    case 'losses-used-up':
      return (
        `${cause.task} failed: it has lost ${plural(cause.attempts, 'worker')} (--max-respawns); ` +
        `worker ${cause.worker} was lost last${endText(cause.last)}`
      );
    default: {
      const tries = isJobs(cause.last) ? `, attempt ${cause.attempts} of ${cause.attempts}` : '';
      return `${cause.task} failed on worker ${cause.worker}${tries}${endText(cause.last)}`;
    }
  }
}

function isJobs({ kind }: AttemptEnd): boolean {
  return kind === 'job' || kind === 'memory' || kind === 'timeout';
}

/** The place and the reason of an end, to follow the name of what has ended. */
function endText(end: AttemptEnd): string {
  return end.kind === 'lost' ? lossText(end.loss) : failureText(end);
}

function lossText({ message, stderr, place }: LossCause): string {
  const output =
    stderr.length === 0
      ? 'no stderr output of it was seen'
      : `its stderr ends with\n${stderr.map((line) => `  ${line}`).join('\n')}`;
  return `${atText(place)}: ${message}; ${output}`;
}

function failureText({ message, place, stack }: AttemptFailure): string {
  return `${atText(place)}: ${message}${stack === undefined ? '' : `\n${stack}`}`;
}

// What a run waits for, in one sentence: the same on the terminal, on the page, in /status and in the history.

import { healthText, isSilent, silenceMs } from './attempt-health.ts';
import type { Moment } from './moment.ts';
import { countText, plural } from './numbers.ts';
import type { AttemptRow } from './record.ts';
import { nameOfWorker } from './worker-text.ts';

/** A sentence names at most this many workers. */
const MOST_NAMES = 3;

/** `2 reduce tasks wait for map-17.1 on worker 2, silent for 4.0 s, given up in 6.0 s.` */
export function waitingText(moment: Moment): string {
  const { phase, phases, record, isChecking } = moment;
  if (phase === 'done') return 'Done: nothing is left to wait for.';
  if (phase === 'failed' || phase === 'interrupted') return `Over: ${record.outcome?.text.split('\n', 1)[0] ?? phase}.`;
  const areAllCommitted = phases.reduce.committed === phases.reduce.taskCount;
  if (isChecking)
    return areAllCommitted
      ? 'The run waits for its output to be checked.'
      : 'The run waits for the files of an earlier driver to be checked.';
  if (phase === 'chunk') return 'Map tasks wait for the chunks to be written.';
  if (areAllCommitted) return 'The run waits for its output to be put in place.';
  return phases[phase].runningAttempts.length === 0
    ? withoutAttempts(moment, phase, phases[phase].waiting)
    : attemptText(moment, phase);
}

function attemptText(moment: Moment, phase: 'map' | 'reduce'): string {
  const { phases, workers } = moment;
  const { waiting, runningAttempts, taskCount, committed } = phases[phase];
  const slowest = slowestOf(moment, runningAttempts);
  const subject =
    waiting > 0
      ? `${tasksWait(waiting, phase)} for a free worker; the oldest attempt is `
      : phase === 'map'
        ? `${tasksWait(phases.reduce.taskCount, 'reduce')} for `
        : 'The run waits for ';
  const others = waiting > 0 ? 0 : taskCount - committed - 1;
  const more = others > 0 ? `, and for ${countText(others)} more` : '';
  const name = nameOfWorker(workers, slowest.worker);
  const backup = backupText(moment, slowest, runningAttempts);
  return `${subject}${slowest.id} on ${name}, ${healthText(moment, slowest)}${backup}${more}.`;
}

/** The attempt whose worker has been silent for longest; if all workers report, the attempt that has run for longest. */
function slowestOf(moment: Moment, attempts: readonly AttemptRow[]): AttemptRow {
  const silent = attempts
    .filter((attempt) => isSilent(moment, attempt))
    .map((attempt) => ({ attempt, ms: silenceMs(moment, attempt) }));
  return silent.length > 0
    ? silent.reduce((longest, next) => (next.ms > longest.ms ? next : longest)).attempt
    : attempts.reduce((oldest, next) => (next.startMs < oldest.startMs ? next : oldest));
}

function withoutAttempts({ workers, rewrittenChunks }: Moment, phase: string, waiting: number): string {
  if (waiting === 0) return `The last ${phase} tasks are being committed.`;
  const tasks = tasksWait(waiting, phase);
  if (phase === 'map' && waiting <= rewrittenChunks)
    return `${tasks} for ${waiting === 1 ? 'a damaged chunk' : 'damaged chunks'} to be written again.`;
  const starting = workers.filter(({ presence }) => presence === 'away').map(({ row }) => row.name);
  const more = starting.length - MOST_NAMES;
  const names = starting.slice(0, MOST_NAMES).join(', ');
  return starting.length === 0
    ? `${tasks} for a worker.`
    : `${tasks} for ${names}${more > 0 ? ` and ${countText(more)} more` : ''} to start.`;
}

/** `, a second attempt runs on worker 1`, or an empty text if there is no second attempt. */
function backupText({ workers }: Moment, slowest: AttemptRow, running: readonly AttemptRow[]): string {
  const other = running.find(({ id, task }) => task === slowest.task && id !== slowest.id);
  return other === undefined ? '' : `, a second attempt runs on ${nameOfWorker(workers, other.worker)}`;
}

function tasksWait(count: number, kind: string): string {
  return `${plural(count, `${kind} task`)} ${count === 1 ? 'waits' : 'wait'}`;
}

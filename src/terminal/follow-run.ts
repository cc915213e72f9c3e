// How a run is told on stderr while it goes on: with live bars on a terminal, in lines and a status block every 10 s in a
// pipe, as a log where one is asked for, or not at all. A log file comes beside any of them.

import { type SystemError, UsageError } from '../errors.ts';
import type { LocalObserver } from '../engine/run-watch.ts';
import type { PreparedJob } from '../engine/local-run.ts';
import type { RunArguments } from './arguments/command-options.ts';
import type { RunSummary } from '../view/summary.ts';
import { Bars, canShowBars } from './live-bars.ts';
import { narration } from './narration.ts';
import { say } from './stderr.ts';
import { StatusLines } from './status-lines.ts';

export type TellingOptions = Pick<RunArguments, 'quiet' | 'port' | 'dashboard' | 'logLevel' | 'logFile'>;

/** Hears of a run until it is disposed of. */
export interface Telling extends Disposable {
  readonly observers: readonly Partial<LocalObserver>[];
}

/** @throws UsageError where the options contradict each other */
export function checkTelling({ quiet, logLevel, logFile }: TellingOptions): void {
  if (quiet === true && logLevel !== undefined && logFile === undefined)
    throw new UsageError('--log-level: expected --log-file beside --quiet, which leaves stderr to errors, found none');
}

/**
 * Who logs a run, where a log is asked for. `refused` hears once if its file takes no more.
 * @throws UsageError where the log file cannot be opened
 */
export async function openLogs(
  prepared: PreparedJob,
  { logLevel, logFile }: TellingOptions,
  refused: (error: SystemError) => void,
): Promise<Partial<LocalObserver>[]> {
  if (logFile === undefined && logLevel === undefined) return [];
  const { openLog } = await import('./run-log.ts');
  return [await openLog({ prepared, level: logLevel, file: logFile }, refused)];
}

export function beginTelling(prepared: PreparedJob, summary: RunSummary, options: TellingOptions): Telling {
  const { quiet, logLevel, logFile } = options;
  const isLogged = logLevel !== undefined && logFile === undefined;
  if (isLogged || quiet === true) return { observers: [], [Symbol.dispose]: () => {} };
  const foot = canShowBars(process.stderr)
    ? new Bars(process.stderr, summary, options.dashboard)
    : new StatusLines(summary, say);
  return {
    observers: [foot.observer, narration(prepared, options, foot.tell)],
    [Symbol.dispose]: () => foot[Symbol.dispose](),
  };
}

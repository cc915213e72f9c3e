// Chooses how stderr shows a run while it goes on: live bars on a terminal; lines, and a status block every 10 s, in a pipe; a log
// if one is asked for; or nothing. A log file can be written besides any of them.

import { type SystemError, UsageError } from '../errors.ts';
import type { LocalObserver } from '../engine/run-watch.ts';
import type { PreparedJob } from '../engine/local-run.ts';
import type { RunArguments } from './arguments/command-options.ts';
import { Bars, canShowBars } from './live-bars.ts';
import { narration } from './narration.ts';
import { say } from './stderr.ts';
import { StatusLines } from './status-lines.ts';

export type DisplayOptions = Pick<RunArguments, 'quiet' | 'port' | 'dashboard' | 'logLevel' | 'logFile'>;

/** Shows a run until it is disposed of. */
export interface DisplayedRun extends Disposable {
  readonly observers: readonly Partial<LocalObserver>[];
}

/** @throws UsageError if the options contradict each other */
export function checkDisplayOptions({ quiet, logLevel, logFile }: DisplayOptions): void {
  if (quiet === true && logLevel !== undefined && logFile === undefined)
    throw new UsageError('--log-level: expected --log-file beside --quiet, which leaves stderr to errors, found none');
}

/**
 * Returns the observers that log a run: none unless a log is asked for. `refused` is called once if the log file cannot be
 * written any more.
 * @throws UsageError if the log file cannot be opened
 */
export async function openLogs(
  prepared: PreparedJob,
  { logLevel, logFile }: DisplayOptions,
  refused: (error: SystemError) => void,
): Promise<Partial<LocalObserver>[]> {
  if (logFile === undefined && logLevel === undefined) return [];
  const { openLog } = await import('./run-log.ts');
  return [await openLog({ prepared, level: logLevel, file: logFile }, refused)];
}

export function displayRun(prepared: PreparedJob, options: DisplayOptions): DisplayedRun {
  const { quiet, logLevel, logFile } = options;
  const isLogged = logLevel !== undefined && logFile === undefined;
  if (isLogged || quiet === true) return { observers: [], [Symbol.dispose]: () => {} };
  const display = canShowBars(process.stderr) ? new Bars(process.stderr, options.dashboard) : new StatusLines(say);
  return {
    observers: [display.observer, narration(prepared, options, display.print)],
    [Symbol.dispose]: () => display[Symbol.dispose](),
  };
}

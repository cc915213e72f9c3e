// The run that an earlier driver has left unfinished in a state directory, and whether what is asked for is that run.

import { UsageError } from '../errors.ts';
import type { Outcome } from '../scheduler/events.ts';
import { type JournalLine, replay, type RunIdentity, type RunStarted } from '../scheduler/journal.ts';
import type { Scheduler } from '../scheduler/scheduler.ts';
import { readIfThere, readRun, type RunRecord, type Workspace } from '../workspace.ts';
import { parseJournal } from './journal.ts';

export interface Unfinished {
  readonly record: RunRecord;
  readonly identity: RunIdentity;
  /** As the journal leaves it. */
  readonly scheduler: Scheduler;
  /** How much of the journal is whole: its end may be torn. */
  readonly journalBytes: number;
}

/** What is asked for, where that could be the unfinished run. */
export interface Wanted extends Omit<RunIdentity, 'runId'> {
  readonly mapCount: number | undefined;
  readonly reduceCount: number | undefined;
}

/**
 * The run that the state directory's last driver did not end; undefined where there is none.
 * @throws UsageError where its journal is none, or of another version, or where `wanted` is another run: with both ways out
 */
export function findUnfinished(workspace: Workspace, wanted: Wanted): Unfinished | undefined {
  const record = readRun(workspace);
  const path = record === undefined ? '' : workspace.journal(record.id);
  const text = record === undefined ? undefined : readIfThere(path);
  if (record === undefined || text === undefined) return undefined;
  const { lines, bytes } = parseJournal(text, path);
  const [first] = lines as readonly (RunStarted & { at: number })[];
  if (first === undefined) {
    // Torn before its first line was whole: nothing had begun.
    if (text === '' || text.startsWith('{"at":')) return undefined;
    throw new UsageError(
      `${path}: expected the journal of run ${record.id}, found something else; --fresh starts over`,
    );
  }
  if (isFinished(lines)) return undefined;
  const difference = differenceOf(first.run, wanted, record);
  if (difference !== undefined) {
    throw new UsageError(
      `${workspace.dir} holds the unfinished run ${record.id} of ${first.run.job.name}: ${difference}; ` +
        'give the same command again to finish it, or add --fresh to start over (or name another --dir)',
    );
  }
  return { record, identity: first.run, scheduler: replay(lines), journalBytes: bytes };
}

/** Whether a run has ended so that nothing is left to do: not where it was interrupted, or the machine refused. */
export function isFinished(lines: readonly JournalLine[]): boolean {
  const last = lines.findLast(
    (line) => 'type' in line && (line.type === 'run-ended' || line.type === 'driver-resumed'),
  );
  return last !== undefined && 'type' in last && last.type === 'run-ended' && !canGoOn(last.outcome);
}

function canGoOn(outcome: Outcome): boolean {
  if (outcome.state === 'interrupted') return true;
  return outcome.state === 'failed' && 'last' in outcome.cause && outcome.cause.last.kind === 'system';
}

function differenceOf(run: RunIdentity, wanted: Wanted, record: RunRecord): string | undefined {
  if (run.job.path !== wanted.job.path) return `expected the job ${run.job.path}, found ${wanted.job.path}`;
  if (run.job.digest !== wanted.job.digest)
    return `expected the job file as it was, found it changed (${run.job.path})`;
  if (!isSame(sorted(run.job.params), sorted(wanted.job.params))) {
    return `expected the parameters ${JSON.stringify(run.job.params)}, found ${JSON.stringify(wanted.job.params)}`;
  }
  const count = run.inputs.length;
  if (count !== wanted.inputs.length) {
    return `expected its ${count === 1 ? 'one input' : `${count} inputs`}, found ${wanted.inputs.length}`;
  }
  const other = run.inputs.find((input, index) => !isSame(input, wanted.inputs[index]));
  if (other !== undefined) return `expected the inputs as they were, found another one, or a change, at ${other.file}`;
  if (record.mapCount !== (wanted.mapCount ?? record.mapCount))
    return `expected -N ${record.mapCount}, found ${wanted.mapCount}`;
  if (record.reduceCount !== (wanted.reduceCount ?? record.reduceCount))
    return `expected -M ${record.reduceCount}, found ${wanted.reduceCount}`;
  return undefined;
}

function sorted(params: Readonly<Record<string, string>>): [string, string][] {
  return Object.entries(params).sort(([a], [b]) => (a < b ? -1 : 1));
}

/** Plain data that was made in the same order. */
function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

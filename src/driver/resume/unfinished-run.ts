// Decides whether to resume: finds the run that an earlier driver left unfinished in a state directory, and compares it with
// the run that is asked for.

import { type InputError, messageOf, UsageError } from '../../errors.ts';
import type { Outcome } from '../../scheduler/events.ts';
import { JOURNAL, type JournalLine, replay, type RunIdentity, type RunStarted } from '../../scheduler/journal.ts';
import type { Scheduler } from '../../scheduler/scheduler.ts';
import type { Workspace } from '../../workspace/paths.ts';
import { runsInHistory } from '../../workspace/run-history.ts';
import { readJournal, type ReadJournal } from '../loop/journal-file.ts';

export interface Unfinished {
  readonly id: string;
  readonly identity: RunIdentity;
  readonly mapCount: number;
  readonly reduceCount: number;
  /** The scheduler after a replay of the journal. */
  readonly scheduler: Scheduler;
  readonly journal: ReadJournal;
}

/** The run that is asked for, which may be the unfinished one. */
export interface Wanted extends Omit<RunIdentity, 'runId'> {
  readonly mapCount: number | undefined;
  readonly reduceCount: number | undefined;
}

/**
 * The run that the state directory's last driver did not end; undefined if it ended them all. Only its journal is read: other files
 * that describe a run do not count.
 * @throws UsageError if the journal is not valid, or of another version; or if `wanted` is another run, with both ways out.
 * SystemError if the machine refuses to read it
 */
export function findUnfinished(workspace: Workspace, wanted: Wanted): Unfinished | undefined {
  const newest = newestRun(workspace);
  const [first] = (newest?.journal.lines ?? []) as readonly (RunStarted & JournalLine)[];
  // Without a first line, the journal was torn before anything had begun.
  if (newest === undefined || first === undefined || isFinished(newest.journal.lines)) return undefined;
  const { id, journal } = newest;
  const { run, options, journal: version } = first;
  const { mapCount, reduceCount } = options;
  const difference =
    version === JOURNAL
      ? differenceOf(run, options, wanted)
      : `expected a journal of version ${JOURNAL}, found version ${version}`;
  if (difference !== undefined) {
    throw new UsageError(
      `${workspace.dir} holds the unfinished run ${id} of ${run.job.name}: ${difference}; ` +
        'give the same command again to finish it, or add --fresh to start over (or name another --dir)',
    );
  }
  return { id, identity: run, mapCount, reduceCount, scheduler: replayed(workspace, id, journal), journal };
}

/** The run that began last, and its journal; undefined if the history has none of it. */
export function newestRun(workspace: Workspace): { readonly id: string; readonly journal: ReadJournal } | undefined {
  const id = runsInHistory(workspace).at(-1);
  const journal = id === undefined ? undefined : readJournal(workspace.journal(id));
  return id === undefined || journal === undefined ? undefined : { id, journal };
}

/**
 * Makes sure that the inputs are cut as before: committed tasks have read those chunks.
 * @throws UsageError if they are not, as under another version of this program
 */
export function checkPlan({ dir }: Workspace, { id, scheduler }: Unfinished, chunkBytes: readonly number[]): void {
  const before = scheduler.state.tasks.map.map(({ bytes }) => bytes);
  const isSame = before.every((bytes, task) => bytes === undefined || bytes === chunkBytes[task]);
  if (isSame) return;
  const found = 'found that this version of mapreduce cuts them in another way';
  throw new UsageError(
    `${dir}: expected the chunks of the unfinished run ${id} as they were, ${found}; add --fresh to start over`,
  );
}

function replayed(workspace: Workspace, id: string, { lines }: ReadJournal): Scheduler {
  try {
    return replay(lines);
  } catch (error) {
    const found = `found that it cannot be (${messageOf(error)}); --fresh starts over`;
    throw new UsageError(`${workspace.journal(id)}: expected a journal that can be played again, ${found}`, {
      cause: error,
    });
  }
}

/** The last line of the journal if a driver finds that an input has changed. */
export function endedBy({ message }: InputError, at: number): JournalLine {
  return { at, type: 'run-ended', outcome: { state: 'failed', cause: { type: 'input-changed', message } } };
}

/** Whether a run has ended for good: not if it was interrupted, or the machine refused. */
function isFinished(lines: readonly JournalLine[]): boolean {
  return finalOutcome(lines) !== undefined;
}

/** How a run has ended; undefined if it has not, or if the same command resumes it. */
export function finalOutcome(lines: readonly JournalLine[]): Outcome | undefined {
  const last = lines.findLast(
    (line) => 'type' in line && (line.type === 'run-ended' || line.type === 'driver-resumed'),
  );
  const outcome = last !== undefined && 'type' in last && last.type === 'run-ended' ? last.outcome : undefined;
  return outcome === undefined || canGoOn(outcome) ? undefined : outcome;
}

/** Whether the same command resumes a run that has ended like this. */
export function canGoOn(outcome: Outcome): boolean {
  if (outcome.state === 'interrupted') return true;
  if (outcome.state !== 'failed' || !('last' in outcome.cause)) return false;
  const { last } = outcome.cause;
  return last.kind === 'system' || (last.kind === 'lost' && last.loss.isRefused === true);
}

/** Describes how the wanted run differs from a run; undefined if it is the same. */
export function differenceOf(
  run: RunIdentity,
  { mapCount, reduceCount }: RunStarted['options'],
  wanted: Wanted,
): string | undefined {
  if (run.job.path !== wanted.job.path) return `expected the job ${run.job.path}, found ${wanted.job.path}`;
  if (run.job.digest !== wanted.job.digest)
    return `expected the job as it was, found ${partDifference(run.job.parts, wanted.job.parts)}`;
  if (run.job.folder !== wanted.job.folder) return `expected the folder ${run.job.folder}, found ${wanted.job.folder}`;
  if (!isSame(sorted(run.job.params), sorted(wanted.job.params))) {
    return `expected the parameters ${JSON.stringify(run.job.params)}, found ${JSON.stringify(wanted.job.params)}`;
  }
  if (run.output !== wanted.output) {
    return `expected ${outputText(run.output)}, found ${outputText(wanted.output)}`;
  }
  const count = run.inputs.length;
  if (count !== wanted.inputs.length) {
    return `expected its ${count === 1 ? 'one input' : `${count} inputs`}, found ${wanted.inputs.length}`;
  }
  const other = run.inputs.find((input, index) => !isSame(input, wanted.inputs[index]));
  if (other !== undefined) return `expected the inputs as they were, found another one, or a change, at ${other.file}`;
  if (mapCount !== (wanted.mapCount ?? mapCount)) return `expected -N ${mapCount}, found ${wanted.mapCount}`;
  if (reduceCount !== (wanted.reduceCount ?? reduceCount))
    return `expected -M ${reduceCount}, found ${wanted.reduceCount}`;
  return undefined;
}

function outputText(output: string | undefined): string {
  return output === undefined ? 'no --output' : `--output ${output}`;
}

type Parts = RunIdentity['job']['parts'];

function partDifference(before: Parts, now: Parts): string {
  const [known, found] = [new Map(before), new Map(now)];
  const changed = [...found.keys()].find((path) => known.get(path) !== found.get(path));
  if (changed !== undefined) return known.has(changed) ? `it changed (${changed})` : `one more part (${changed})`;
  const gone = [...known.keys()].find((path) => !found.has(path));
  return `a part less (${gone})`;
}

function sorted(params: Readonly<Record<string, string>>): [string, string][] {
  return Object.entries(params).sort(([a], [b]) => (a < b ? -1 : 1));
}

/** Compares plain data whose fields are in the same order. */
function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

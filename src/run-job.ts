// Running a job from code.

import { fileURLToPath } from 'node:url';

import { nowMs } from './driver/loop/run-time.ts';
import { resultOfDone, type RunSoFar } from './engine/compose-result.ts';
import { type LocalRunOptions, lockWorkspace, outputsOf, prepareJob, runLocal } from './engine/local-run.ts';
import { notifyInTurn } from './engine/observers.ts';
import { runEvents } from './engine/run-events.ts';
import type { LocalObserver } from './engine/run-watch.ts';
import { verifyRun } from './engine/verify-run.ts';
import { described } from './described-value.ts';
import { UsageError } from './errors.ts';
import type { AnyJob, Job } from './job.ts';
import { checkRunOptions, type RunOptionValues } from './options/run-options.ts';
import type { RunEvent } from './run-event.ts';
import type { DoneResult } from './run-result.ts';
import { RunSummary } from './view/summary.ts';

export type { RunEvent } from './run-event.ts';
export type { DoneResult, PhaseFigures, RunEnd, RunFigures } from './run-result.ts';

/** The values that a program may give for the parameters of a job: those that the job declares, or any if it declares none. */
export type ParamsOf<J> =
  J extends Job<infer _R, infer _V, infer _O, infer P>
    ? string extends keyof P
      ? Readonly<Record<string, string | number>>
      : {
          readonly [K in keyof P]?: P[K] extends readonly (infer Choice)[]
            ? Choice
            : P[K] extends number
              ? number | string
              : P[K] extends (text: string | undefined) => unknown
                ? string | number
                : string;
        }
    : never;

/** The options of `runJob`: every option of `mapreduce run` that has a meaning for a program, under its own name. */
export interface RunJobOptions<J = AnyJob> extends Omit<RunOptionValues, 'job'> {
  /** Paths and patterns. */
  readonly inputs: readonly string[];
  /** The path or URL of a job file, or the name of a built-in job. Default `word-count`. */
  readonly job?: string | URL | undefined;
  readonly params?: ParamsOf<J> | undefined;
  /** Ends the run in order when it is aborted: `runJob` throws an InterruptedError, and the same call continues the run. */
  readonly signal?: AbortSignal | undefined;
  /** Gets each event of the run. Default: nothing is printed, and no event passed on. */
  readonly onEvent?: ((event: RunEvent) => void) | undefined;
  /** Whether the job runs once more, sequentially, for its output to be compared. */
  readonly verify?: boolean | undefined;
}

/**
 * Runs a job on this machine, on workers that listen or on its own, as `mapreduce run` does. Returns what `--json` prints.
 * The type of its job makes it check parameters: `runJob<typeof import('./my-job.ts').default>({ … })`.
 * @throws UsageError before anything starts; JobError, LostError, CorruptError, InputError, SystemError or InterruptedError
 * if the run does not end well; SystemError also if all is done but the trace; VerifyError if `verify` finds a difference
 */
export async function runJob<J = AnyJob>(options: RunJobOptions<J>): Promise<DoneResult> {
  const { inputs, job, params = {}, signal, onEvent = () => {}, verify, ...rest } = options;
  checkRunOptions(rest);
  if (!Array.isArray(inputs))
    throw new UsageError(`inputs: expected an array of paths and patterns, found ${described(inputs)}`);
  const asked: LocalRunOptions = {
    ...rest,
    inputs,
    job: pathOf(job),
    params: textsOf(params),
    interrupt: signal,
  };
  const startMs = nowMs();
  const run: RunSoFar = { startMs, summary: new RunSummary(startMs) };
  // What the job's code prints outside of its tasks must not come on this program's stdout.
  const printed = (line: string): void =>
    onEvent({ level: 'info', event: 'job-printed', message: line, runId: run.shape?.runId ?? '' });
  await using prepared = await prepareJob(asked, printed);
  using _lock = lockWorkspace(prepared);
  run.prepared = prepared;
  let untraced: Error | undefined;
  const own: Partial<LocalObserver> = {
    planned: (shape) => void (run.shape = shape),
    happened: (_at, ...what) => run.summary.observe(nowMs(), ...what),
    traced: (_path, refusal) => void (untraced = refusal),
  };
  const { shape, skipped } = await runLocal(
    prepared,
    asked,
    notifyInTurn([own, runEvents(prepared.job.name, onEvent)]),
  );
  run.isDone = true;
  if (verify === true) {
    const toVerify = { prepared, options: asked, outputs: outputsOf(prepared, shape), skipped };
    run.verifiedLines = await verifyRun(toVerify, printed, () => {});
  }
  if (untraced !== undefined) throw untraced;
  return resultOfDone(run);
}

function pathOf(job: unknown): string | undefined {
  if (job === undefined || typeof job === 'string') return job;
  if (job instanceof URL && job.protocol === 'file:') return fileURLToPath(job);
  throw new UsageError(
    `job: expected the path or file URL of a job file, or a built-in job's name, found ${described(job)}; workers load the job by themselves`,
  );
}

function textsOf(params: Readonly<Record<string, unknown>>): Record<string, string> {
  const given = Object.entries(params).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given.map(([name, value]) => [name, textOf(name, value)]));
}

function textOf(name: string, value: unknown): string {
  if (typeof value === 'string' || typeof value === 'number') return String(value);
  throw new UsageError(`params: expected a text or a number as ${name}, found ${described(value)}`);
}

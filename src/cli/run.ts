// `mapreduce run`: runs a job on workers. `npm run driver` is the same.

import { Command } from 'commander';

import { nowMs } from '../driver/loop/run-time.ts';
import { SystemError } from '../errors.ts';
import type { LocalObserver } from '../engine/run-watch.ts';
import {
  type LocalRunOptions,
  type LocalRunResult,
  lockWorkspace,
  outputsOf,
  type PreparedJob,
  prepareJob,
  runLocal,
} from '../engine/local-run.ts';
import { RunSummary } from '../view/summary.ts';
import { plural } from '../view/numbers.ts';
import { summaryLines, outputsText } from '../terminal/closing-lines.ts';
import { printHelp } from '../terminal/arguments/job-help.ts';
import { type KeepOpen, keepingOpen } from '../terminal/keep-open.ts';
import { INPUTS, JOB_USAGE, namedJob } from '../terminal/arguments/named-job.ts';
import type { RunSoFar } from '../engine/compose-result.ts';
import { print } from '../terminal/stdout.ts';
import { argumentsOf, type RunArguments, withRunOptions } from '../terminal/arguments/command-options.ts';
import { say, sayPrinted } from '../terminal/stderr.ts';
import { onSignal } from '../terminal/signals.ts';
import { notifyInTurn } from '../engine/observers.ts';
import { verifyRun } from '../engine/verify-run.ts';
import { displayRun, checkDisplayOptions, openLogs } from '../terminal/choose-display.ts';

export function runCommand(): Command {
  return withRunOptions(new Command('run'))
    .description('run a job on workers: those that wait for a run, or its own')
    .usage(JOB_USAGE)
    .argument('[inputs...]', INPUTS)
    .action(async (words: string[], { help }: { readonly help?: boolean }, command: Command) => {
      if (help === true) return printHelp(words, command);
      const given = argumentsOf(command);
      const { job = given.job, inputs } = namedJob(words, command);
      const options = { ...given, job };
      const startMs = nowMs();
      const run: CommandRun = { options, startMs, summary: new RunSummary(startMs) };
      return keepingOpen(options.keepOpen === true, (keepOpen) =>
        options.json === true ? runInJson(inputs, run, keepOpen) : runAndTell(inputs, run, keepOpen),
      );
    });
}

/** A run, its request, and its progress so far. */
interface CommandRun extends RunSoFar {
  readonly options: RunArguments;
  /** The first requested extra that failed, such as a trace. The run continues without it. */
  refused?: Error;
}

/** Stdout gets only this one object, however the run ends. */
async function runInJson(inputs: readonly string[], run: CommandRun, keepOpen: KeepOpen | undefined): Promise<void> {
  let failure: unknown;
  try {
    await runAndTell(inputs, run, keepOpen);
  } catch (error) {
    failure = error;
    throw error;
  } finally {
    const { resultSoFar } = await import('../engine/compose-result.ts');
    printLines([JSON.stringify(resultSoFar(run, failure))]);
  }
}

async function runAndTell(inputs: readonly string[], run: CommandRun, keepOpen: KeepOpen | undefined): Promise<void> {
  const { options, summary } = run;
  const asked = askedFor(inputs, options, keepOpen);
  checkDisplayOptions(options);
  const quiet = options.quiet === true;
  const onOutput = quiet ? () => {} : sayPrinted;
  const note = quiet ? () => {} : say;
  await using prepared = await prepareJob(asked, onOutput, { note });
  run.prepared = prepared;
  const logs = await openLogs(prepared, options, (error) => void (run.refused ??= error));
  using lock = options.standby === true ? await waitForDriver(prepared, asked, note) : lockWorkspace(prepared);
  if (lock === undefined) return;
  const { shape, skipped } = await runUnderWay(prepared, asked, run, logs);
  run.isDone = true;
  const outputs = outputsOf(prepared, shape);
  if (options.json !== true) printLines(quiet ? [outputsText(outputs)] : summaryLines(summary, prepared, outputs));
  if (options.verify === true) {
    note('verifying: the job runs once more, in one process');
    const { sequentialProgress } = await import('../terminal/sequential-progress.ts');
    const toVerify = { prepared, options: asked, outputs, skipped };
    run.verifiedLines = await verifyRun(toVerify, onOutput, sequentialProgress(note));
    if (options.json !== true && !quiet)
      printLines([`verified: the same ${plural(run.verifiedLines, 'line')} as a sequential run`]);
  }
  if (run.refused !== undefined) throw run.refused;
}

function askedFor(inputs: readonly string[], options: RunArguments, keepOpen: KeepOpen | undefined): LocalRunOptions {
  return { ...options, inputs, keepOpen };
}

/** Waits for the driver that has locked the directory to die. Returns undefined if nothing is left to take over. */
async function waitForDriver(
  prepared: PreparedJob,
  asked: LocalRunOptions,
  note: (line: string) => void,
): Promise<Disposable | undefined> {
  const { standBy } = await import('../engine/standby-run.ts');
  using interrupt = onSignal();
  const lock = await standBy(prepared, asked, (who) => note(`standing by: ${who}`), interrupt.signal);
  if (lock === undefined) note('the other driver has ended its run: nothing is left to take over');
  return lock;
}

/** Runs the job and reports its progress. Ctrl-C ends the run in order. */
async function runUnderWay(
  prepared: PreparedJob,
  asked: LocalRunOptions,
  run: CommandRun,
  logs: readonly Partial<LocalObserver>[],
): Promise<LocalRunResult> {
  using display = displayRun(prepared, run.options);
  using interrupt = onSignal();
  const own: Partial<LocalObserver> = {
    planned: (shape) => void (run.shape = shape),
    // Use the clock that timed the start of the command: the run's clock may be ahead of it.
    happened: (_at, ...what) => run.summary.observe(nowMs(), ...what),
    traced: (path, refusal) => {
      if (refusal !== undefined) run.refused ??= untraced(path, refusal);
    },
  };
  const observer = notifyInTurn([own, ...logs, ...display.observers]);
  return await runLocal(prepared, { ...asked, interrupt: interrupt.signal }, observer);
}

function printLines(lines: readonly string[]): void {
  print(lines.map((line) => `${line}\n`).join(''));
}

function untraced(path: string, refusal: Error): Error {
  return refusal instanceof SystemError
    ? new SystemError(`--trace ${path}: the run is done, but its trace could not be written: ${refusal.message}`, {
        cause: refusal,
      })
    : refusal;
}

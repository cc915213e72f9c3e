// `mapreduce run`: runs a job on workers. `npm run driver` is the same.

import { availableParallelism } from 'node:os';
import { relative } from 'node:path';

import { Command } from 'commander';

import type { RunResult, RunShape } from '../driver/run.ts';
import { type LocalRunOptions, lockWorkspace, type PreparedJob, prepareJob, runLocal } from '../runners/local.ts';
import { totalBytes } from '../driver/inputs.ts';
import { type Top, topOf } from '../runners/top.ts';
import { Narrator } from '../status/narrator.ts';
import { RunSummary } from '../status/summary.ts';
import { bytesText, countText, plural, secondsText } from '../status/words.ts';
import { type RunOptions, withRunOptions } from './run-options.ts';
import { onSignal } from './signals.ts';

const TOP_LINES = 10;

export function runCommand(): Command {
  return withRunOptions(new Command('run'))
    .description('run a job on workers: those that listen, or its own')
    .argument('<inputs...>', 'input files or patterns, quoted or not')
    .action((inputs: string[], options: RunOptions) => runAndTell(inputs, options));
}

async function runAndTell(inputs: string[], options: RunOptions): Promise<void> {
  const startMs = performance.timeOrigin + performance.now();
  const asked: LocalRunOptions = {
    ...options,
    inputs,
    params: options.param,
    taskSilenceMs: options.taskSilence * 1000,
    taskTimeoutMs: options.taskTimeout * 1000,
    taskMemoryBytes: options.taskMemory,
    mapBufferBytes: options.mapBuffer,
  };
  const prepared = await prepareJob(asked);
  using lock = options.standby === true ? await waitForDriver(prepared) : lockWorkspace(prepared);
  if (lock === undefined) return;
  const summary = new RunSummary(startMs);
  const { shape } = await runAndNarrate(prepared, asked, summary, new Narrator(say));
  const outputs = Array.from({ length: shape.reduceCount }, (_, task) => prepared.workspace.reduceOutput(task));
  print([
    `done in ${secondsText(summary.durationMs)}${skippedText(summary)}: ${prepared.job.name} over ${sizeOf(prepared)}`,
    ...summary.lines(),
    whereabouts(outputs),
    ...topLines(topOf(outputs, TOP_LINES)),
  ]);
  if (options.verify !== true) return;
  const { verifyOutput } = await import('../runners/verify.ts');
  const lines = await verifyOutput(prepared.workspace, shape.reduceCount, prepared);
  print([`verified: the same ${plural(lines, 'line')} as a sequential run`]);
}

/** Waits for the driver that has the directory to die. Undefined where there is nothing left to take over. */
async function waitForDriver(prepared: PreparedJob): Promise<Disposable | undefined> {
  const { standBy } = await import('../runners/standby.ts');
  using interrupt = onSignal();
  const lock = await standBy(prepared, (who) => say(`standing by: ${who}`), interrupt.signal);
  if (lock === undefined) say('the other driver has ended its run: nothing is left to take over');
  return lock;
}

function skippedText({ skippedCount }: RunSummary): string {
  return skippedCount === 0 ? '' : `, ${plural(skippedCount, 'record')} skipped`;
}

/** Runs the job; Ctrl-C meanwhile ends it in order. */
async function runAndNarrate(
  prepared: PreparedJob,
  asked: LocalRunOptions,
  summary: RunSummary,
  narrator: Narrator,
): Promise<RunResult> {
  using interrupt = onSignal();
  return await runLocal(
    prepared,
    { ...asked, interrupt: interrupt.signal },
    {
      planned: (planned) => {
        say(plan(prepared, planned));
        const cores = availableParallelism();
        if (planned.workerCount > cores)
          say(`${planned.workerCount} workers on ${plural(cores, 'core')} take longer than ${cores}`);
      },
      happened: (...what) => {
        summary.observe(...what);
        narrator.observe(...what);
      },
      workerPrinted: (worker, line) => say(`[worker ${worker}] ${line}`),
      listening: (url) => say(`the driver listens at ${url}; more workers join with: mapreduce worker --join ${url}`),
      portTaken: (worker, port, next) => say(`port ${port} is held by something else; worker ${worker} takes ${next}`),
    },
  );
}

function plan(prepared: PreparedJob, { runId, found, mapCount, reduceCount, workerCount, resumes }: RunShape): string {
  const listening = found.listening.length;
  const from = listening === 0 ? 'spawned here' : `${listening} of them listening already`;
  const goesOn =
    resumes === undefined
      ? ''
      : `goes on with run ${runId}, of which ${resumes.map} of ${mapCount} map tasks and ` +
        `${resumes.reduce} of ${reduceCount} reduce tasks were committed (--fresh starts over)\n`;
  return (
    `${goesOn}${prepared.job.name} over ${sizeOf(prepared)}: ${plural(mapCount, 'map task')}, ` +
    `${plural(reduceCount, 'reduce task')}, ${plural(workerCount, 'worker')}, ${from}`
  );
}

function sizeOf({ inputs }: PreparedJob): string {
  return `${plural(inputs.length, 'file')}, ${bytesText(totalBytes(inputs))}`;
}

function whereabouts(outputs: readonly string[]): string {
  const [first, last] = [outputs[0], outputs.at(-1)].map((path) => relative(process.cwd(), path!));
  return `output: ${first === last ? first : `${first} … ${last}`}`;
}

function topLines(top: Top | undefined): string[] {
  if (top === undefined || top.lines.length === 0) return [];
  const width = Math.max(...top.lines.map(({ value }) => value.length));
  return top.by === 'value'
    ? [
        `the top ${top.lines.length} of ${countText(top.lineCount)} keys, by value:`,
        ...top.lines.map(({ key, value }) => `  ${value.padStart(width)}  ${cut(key)}`),
      ]
    : [
        `the first ${top.lines.length} of ${countText(top.lineCount)} lines:`,
        ...top.lines.map(({ key, value }) => `  ${cut(`${key}  ${value}`)}`),
      ];
}

function cut(text: string): string {
  return text.length > 100 ? `${text.slice(0, 99)}…` : text;
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

function print(lines: readonly string[]): void {
  for (const line of lines) process.stdout.write(`${line}\n`);
}

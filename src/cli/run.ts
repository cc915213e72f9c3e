// `mapreduce run`: runs a job on workers. `npm run driver` is the same.

import { availableParallelism } from 'node:os';
import { relative } from 'node:path';

import { Command, Option } from 'commander';

import type { ChunkMode } from '../driver/chunker.ts';
import type { RunResult, RunShape } from '../driver/run.ts';
import {
  DEFAULTS,
  type LocalRunOptions,
  lockWorkspace,
  type PreparedJob,
  prepareJob,
  runLocal,
} from '../runners/local.ts';
import { type Top, topOf } from '../runners/top.ts';
import { Narrator } from '../status/narrator.ts';
import { RunSummary } from '../status/summary.ts';
import { bytesText, countText, plural, secondsText } from '../status/words.ts';
import {
  count,
  type CountOptions,
  dirOption,
  fanIn,
  jobOption,
  type JobOptions,
  mapsOption,
  paramOption,
  positiveInteger,
  reducesOption,
  seconds,
  size,
  workerPortOption,
  workersOption,
} from './options.ts';
import { onSignal } from './signals.ts';

const TOP_LINES = 10;

interface Options extends CountOptions, JobOptions {
  readonly dir: string;
  readonly workerPort: number;
  readonly maxAttempts: number;
  readonly maxRespawns: number;
  readonly taskSilence: number;
  readonly chunks?: ChunkMode;
  readonly mapBuffer: number;
  readonly mergeFanIn: number;
  readonly compressRuns?: boolean;
  readonly verify?: boolean;
}

export function runCommand(): Command {
  return new Command('run')
    .description('run a job on workers: those that listen, or its own')
    .argument('<inputs...>', 'input files or patterns, quoted or not')
    .addOption(mapsOption)
    .addOption(reducesOption)
    .addOption(workersOption)
    .addOption(jobOption)
    .addOption(paramOption)
    .addOption(
      new Option('--verify', 'also run the job sequentially, and compare: exit code 1 where the outputs differ'),
    )
    .addOption(dirOption)
    .addOption(workerPortOption)
    .addOption(
      new Option('--max-attempts <count>', 'attempts a task').argParser(positiveInteger).default(DEFAULTS.maxAttempts),
    )
    .addOption(new Option('--max-respawns <count>', 'restarts a worker').argParser(count).default(DEFAULTS.maxRespawns))
    .addOption(
      new Option(
        '--task-silence <seconds>',
        'how long a worker may say nothing about its task before it counts as lost',
      )
        .argParser(seconds)
        .default(DEFAULTS.taskSilenceMs / 1000),
    )
    .addOption(
      new Option('--chunks <mode>', 'whether chunks carry their bytes (default: up to 64 MiB of input)').choices([
        'copy',
        'reference',
      ]),
    )
    .addOption(
      new Option('--map-buffer <size>', 'how much map output a task holds before it spills')
        .argParser(size)
        .default(DEFAULTS.mapBufferBytes, '64MiB'),
    )
    .addOption(
      new Option('--merge-fan-in <count>', 'how many runs a task merges at once')
        .argParser(fanIn)
        .default(DEFAULTS.mergeFanIn),
    )
    .addOption(
      new Option('--compress-runs', 'compress what map tasks write: for slow disks; on a fast one it takes longer'),
    )
    .action((inputs: string[], options: Options) => runAndTell(inputs, options));
}

async function runAndTell(inputs: string[], options: Options): Promise<void> {
  const startMs = performance.now();
  const asked: LocalRunOptions = {
    ...options,
    inputs,
    params: options.param,
    taskSilenceMs: options.taskSilence * 1000,
    mapBufferBytes: options.mapBuffer,
  };
  const prepared = await prepareJob(asked);
  using _lock = lockWorkspace(prepared);
  const summary = new RunSummary(startMs);
  const { shape } = await runAndNarrate(prepared, asked, summary, new Narrator({ ...options, say }));
  const outputs = Array.from({ length: shape.reduceCount }, (_, task) => prepared.workspace.reduceOutput(task));
  print([
    `done in ${secondsText(summary.durationMs)}: ${prepared.job.name} over ${sizeOf(prepared)}`,
    ...summary.lines(),
    whereabouts(outputs),
    ...topLines(topOf(outputs, TOP_LINES)),
  ]);
  if (options.verify !== true) return;
  const { verifyOutput } = await import('../runners/verify.ts');
  const lines = await verifyOutput(prepared.workspace, shape.reduceCount, prepared);
  print([`verified: the same ${plural(lines, 'line')} as a sequential run`]);
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
      happened: (event, commands, state) => {
        const nowMs = performance.now();
        summary.observe(event, commands, state, nowMs);
        narrator.observe(event, commands, state, nowMs);
      },
      workerPrinted: (worker, line) => say(`[worker ${worker}] ${line}`),
      portTaken: (worker, port, next) => say(`port ${port} is held by something else; worker ${worker} takes ${next}`),
    },
  );
}

function plan(prepared: PreparedJob, { found, mapCount, reduceCount, workerCount }: RunShape): string {
  const listening = found.listening.length;
  const from = listening === 0 ? 'spawned here' : `${listening} of them listening already`;
  return (
    `${prepared.job.name} over ${sizeOf(prepared)}: ${plural(mapCount, 'map task')}, ` +
    `${plural(reduceCount, 'reduce task')}, ${plural(workerCount, 'worker')}, ${from}`
  );
}

function sizeOf({ inputs }: PreparedJob): string {
  const bytes = inputs.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  return `${plural(inputs.length, 'file')}, ${bytesText(bytes)}`;
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

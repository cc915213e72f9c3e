// The options of a run, each declared once. The command line, `runJob` and the table in README.md are made from this.

import { described } from '../described-value.ts';
import { UsageError } from '../errors.ts';
import { DEFAULT_HEAP_BYTES } from '../protocol.ts';
import { bufferSize, choice, count, duration, durationOrNever, fanIn, flag, type Kind, memorySize } from './kinds.ts';
import { port, positiveInteger, text } from './kinds.ts';

/** One option. Its key in the table is its name for programs. */
export interface OptionDeclaration<T> {
  /** The flags for the command line, such as `--max-attempts <count>`. */
  readonly flags: string;
  readonly kind: Kind<T>;
  readonly default?: T;
  /** The default in words, if it is computed, or easier to read. */
  readonly defaultText?: string;
  /** The purpose of the option, on one line. */
  readonly help: string;
  /** More about it, for README.md only. */
  readonly more?: string;
  /** An older name of the flag, which still works. */
  readonly alias?: string;
}

function option<T>(
  declaration: OptionDeclaration<T> & { readonly default: NoInfer<T> },
): OptionDeclaration<T> & { readonly default: T };
function option<T>(declaration: OptionDeclaration<T>): OptionDeclaration<T>;
function option<T>(declaration: OptionDeclaration<T>): OptionDeclaration<T> {
  return declaration;
}

/** The options of a run, on the command line and for programs. */
export const RUN_OPTIONS = {
  maps: option({
    flags: '-N, --maps <count>',
    kind: positiveInteger,
    defaultText: 'one per 32 MiB, at least two per worker',
    help: 'map tasks, and chunks',
  }),
  reduces: option({
    flags: '-M, --reduces <count>',
    kind: positiveInteger,
    defaultText: 'one per worker',
    help: 'reduce tasks, and output files',
  }),
  workers: option({
    flags: '-W, --workers <count>',
    kind: positiveInteger,
    defaultText: 'workers that wait for a run; without any, min(max(N, M), cores)',
    help: 'workers',
  }),
  job: option({
    flags: '--job <name|path>',
    kind: text,
    default: 'word-count',
    help: 'a built-in job, or a job file',
    more: 'A path has a slash or an ending such as `.ts`. Either may also stand before the inputs',
  }),
  dir: option({ flags: '--dir <directory>', kind: text, default: 'files', help: 'the state directory' }),
  output: option({
    flags: '--output <directory>',
    kind: text,
    defaultText: 'out in the state directory',
    help: 'the folder of the results',
    more: 'It is missing or empty, or holds earlier results, which are replaced as a whole. `reset` leaves it alone',
  }),
  chunks: option({
    flags: '--chunks <mode>',
    kind: choice('copy', 'reference'),
    defaultText: 'copy up to 64 MiB of input',
    help: 'whether chunks carry their bytes, or name ranges of the inputs',
  }),
  workerPort: option({
    flags: '--worker-port <port>',
    kind: port,
    default: 8001,
    help: 'the port of worker 1; the next worker has the next port',
  }),
  port: option({
    flags: '--port <port>',
    kind: port,
    default: 8000,
    help: "the port of the driver's own server",
    more: 'It has the dashboard, the API, and the endpoint at which workers join',
  }),
  maxAttempts: option({
    flags: '--max-attempts <count>',
    kind: positiveInteger,
    default: 4,
    help: 'attempts per task that may fail',
    more: 'Lost attempts do not count',
  }),
  maxRespawns: option({
    flags: '--max-respawns <count>',
    kind: count,
    default: 5,
    help: 'restarts per worker, and workers that one task may lose',
  }),
  taskSilenceMs: option({
    flags: '--task-silence <seconds>',
    kind: duration,
    default: 10_000,
    defaultText: '10 s',
    help: 'how long a worker may report nothing about its task before it counts as lost',
  }),
  taskTimeoutMs: option({
    flags: '--task-timeout <seconds>',
    kind: durationOrNever,
    default: 600_000,
    defaultText: '600 s',
    help: 'how long an attempt may make no progress before it is cancelled; 0: no limit',
    more: 'A record, a block, a pair, a value read, a counter, a printed line, an awaited timer: each counts as progress',
  }),
  taskMemoryBytes: option({
    flags: '--task-memory <size>',
    kind: memorySize,
    default: DEFAULT_HEAP_BYTES,
    defaultText: '1GiB',
    help: "how much heap the job's code may have in a task, and how much memory outside of the heap",
  }),
  mapBufferBytes: option({
    flags: '--map-buffer <size>',
    kind: bufferSize,
    default: 64 * 2 ** 20,
    defaultText: '64MiB',
    help: 'how much map output a task holds before it spills',
  }),
  mergeFanIn: option({
    flags: '--merge-fan-in <count>',
    kind: fanIn,
    default: 256,
    help: 'how many sorted files a task merges at once',
  }),
  compressMapOutput: option({
    flags: '--compress-map-output',
    kind: flag,
    help: 'compress what map tasks write (Zstandard): for slow disks; on a fast one it takes longer',
    alias: '--compress-runs',
  }),
  backup: option({
    flags: '--no-backup',
    kind: flag,
    default: true,
    help: 'do not start a second attempt of a slow task',
  }),
  skipBadRecords: option({
    flags: '--skip-bad-records <count>',
    kind: count,
    default: 0,
    help: 'how many records that end their attempt twice may be left out',
  }),
  fresh: option({ flags: '--fresh', kind: flag, help: 'start over, even if an earlier run was left unfinished' }),
  dashboard: option({
    flags: '--no-dashboard',
    kind: flag,
    default: true,
    help: "show no page on the driver's server",
  }),
  trace: option({
    flags: '--trace <file>',
    kind: text,
    help: 'also write the run as a Chrome trace',
    more: 'Open it in [Perfetto](https://ui.perfetto.dev)',
  }),
} as const;

/** The options of the command `run` only: how it shows the run, and what it does besides. */
export const COMMAND_OPTIONS = {
  verify: option({
    flags: '--verify',
    kind: flag,
    help: 'also run the job sequentially, and compare: exit code 1 if the outputs differ',
    more: 'Records that were skipped are left out. Keys and values that do not fit into memory take several passes over the inputs; the values of one key have to fit. The state directory needs room for the output once more',
  }),
  standby: option({
    flags: '--standby',
    kind: flag,
    help: 'wait while another driver has the directory, and take over if it dies',
  }),
  keepOpen: option({
    flags: '--keep-open',
    kind: flag,
    help: "leave the driver's server up after the run, until Ctrl-C",
  }),
  quiet: option({
    flags: '--quiet',
    kind: flag,
    help: 'only errors on stderr, and only the path of the output on stdout',
  }),
  json: option({
    flags: '--json',
    kind: flag,
    help: 'one JSON object on stdout instead of the summary, even if the run fails',
  }),
  logLevel: option({
    flags: '--log-level <level>',
    kind: choice('debug', 'info', 'warn'),
    help: 'a log on stderr instead of the narration, or the level of the log file',
    more: 'In words on a terminal, as JSON lines otherwise',
  }),
  logFile: option({
    flags: '--log-file <file>',
    kind: text,
    help: 'a log of every event as JSON lines, appended to a file, in addition to stderr',
  }),
} as const;

type Values<Declarations> = {
  readonly [K in keyof Declarations]?: Declarations[K] extends OptionDeclaration<infer T> ? T | undefined : never;
};

/** The options of a run as a program passes them. */
export type RunOptionValues = Values<typeof RUN_OPTIONS>;
export type CommandOptionValues = Values<typeof COMMAND_OPTIONS>;

type Defaults<Declarations> = {
  readonly [
    K in keyof Declarations as Declarations[K] extends { readonly default: unknown } ? K : never
  ]: Declarations[K] extends { readonly default: infer T } ? T : never;
};

/** The default of each option that has one. */
export const DEFAULTS = Object.fromEntries(
  Object.entries(RUN_OPTIONS).flatMap(([name, declaration]) =>
    'default' in declaration ? [[name, declaration.default]] : [],
  ),
) as unknown as Defaults<typeof RUN_OPTIONS>;

/** @throws UsageError if a value is not of its option's kind, or an option does not exist. */
export function checkRunOptions(given: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(given)) {
    const declaration = Object.hasOwn(RUN_OPTIONS, name) ? RUN_OPTIONS[name as keyof typeof RUN_OPTIONS] : undefined;
    if (declaration === undefined) {
      throw new UsageError(`option ${name}: expected one of ${Object.keys(RUN_OPTIONS).join(', ')}`);
    }
    if (value === undefined || declaration.kind.accepts(value)) continue;
    throw new UsageError(`option ${name}: expected ${declaration.kind.expected}, found ${described(value)}`);
  }
}

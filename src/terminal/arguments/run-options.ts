// What `mapreduce run` can be told.

import { type Command, Option } from 'commander';

import type { ChunkMode } from '../../driver/inputs/chunker.ts';
import { DEFAULTS } from '../../options/defaults.ts';
import { helpOption } from './job-help.ts';
import {
  count,
  type CountOptions,
  dirOption,
  fanIn,
  jobOption,
  type JobOptions,
  mapsOption,
  memory,
  paramOption,
  port,
  positiveInteger,
  reducesOption,
  seconds,
  secondsOrNever,
  size,
  workerPortOption,
  workersOption,
} from './shared-options.ts';
import type { TellingOptions } from '../follow-run.ts';

export interface RunOptions extends CountOptions, JobOptions, TellingOptions {
  readonly dir: string;
  readonly output?: string;
  readonly workerPort: number;
  readonly maxAttempts: number;
  readonly maxRespawns: number;
  readonly taskSilence: number;
  readonly taskTimeout: number;
  readonly taskMemory: number;
  readonly backup: boolean;
  readonly skipBadRecords: number;
  readonly fresh?: boolean;
  readonly standby?: boolean;
  readonly port: number;
  readonly dashboard: boolean;
  readonly keepOpen?: boolean;
  readonly trace?: string;
  readonly chunks?: ChunkMode;
  readonly mapBuffer: number;
  readonly mergeFanIn: number;
  readonly compressMapOutput?: boolean;
  readonly verify?: boolean;
  readonly json?: boolean;
}

export function withRunOptions(command: Command): Command {
  return (
    command
      .addOption(mapsOption)
      .addOption(reducesOption)
      .addOption(workersOption)
      .addOption(jobOption)
      .addOption(paramOption)
      .addOption(
        new Option('--verify', 'also run the job sequentially, and compare: exit code 1 where the outputs differ'),
      )
      .addOption(dirOption)
      .addOption(new Option('--output <directory>', 'where the results go (default: out in the state directory)'))
      .addOption(workerPortOption)
      .addOption(
        new Option('--max-attempts <count>', 'attempts a task')
          .argParser(positiveInteger)
          .default(DEFAULTS.maxAttempts),
      )
      .addOption(
        new Option('--max-respawns <count>', 'restarts a worker').argParser(count).default(DEFAULTS.maxRespawns),
      )
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
        new Option('--merge-fan-in <count>', 'how many sorted files a task merges at once')
          .argParser(fanIn)
          .default(DEFAULTS.mergeFanIn),
      )
      .addOption(
        new Option(
          '--compress-map-output',
          'compress what map tasks write: for slow disks; on a fast one it takes longer',
        ),
      )
      // Its name before a sorted file was called that.
      .addOption(new Option('--compress-runs').hideHelp().implies({ compressMapOutput: true }))
      .addOption(
        new Option(
          '--task-timeout <seconds>',
          'how long an attempt may make no progress before it is cancelled; 0: for ever',
        )
          .argParser(secondsOrNever)
          .default(DEFAULTS.taskTimeoutMs / 1000),
      )
      .addOption(
        new Option('--task-memory <size>', "how much heap the job's code may have in a task")
          .argParser(memory)
          .default(DEFAULTS.taskMemoryBytes, '1GiB'),
      )
      .addOption(new Option('--no-backup', 'do not start a second attempt of a slow task'))
      .addOption(
        new Option('--skip-bad-records <count>', 'leave out up to so many records that end their attempt twice')
          .argParser(count)
          .default(0),
      )
      .addOption(new Option('--fresh', 'start over, also where an earlier run was left unfinished'))
      .addOption(new Option('--standby', 'wait while another driver has the directory, and take over when it dies'))
      .addOption(
        new Option('--port <port>', "the port of the driver's own server").argParser(port).default(DEFAULTS.port),
      )
      .addOption(new Option('--no-dashboard', "show no page on the driver's server"))
      .addOption(new Option('--keep-open', "leave the driver's server up after the run, until Ctrl-C"))
      .addOption(new Option('--trace <file>', 'also write the run as a Chrome trace, which Perfetto shows'))
      .addOption(new Option('--quiet', 'nothing on stderr but errors, on stdout only where the output is'))
      .addOption(new Option('--json', 'one JSON object on stdout instead of the summary, also where the run fails'))
      .addOption(
        new Option('--log-level <level>', 'a log on stderr instead of the narration, or for the file').choices([
          'debug',
          'info',
          'warn',
        ]),
      )
      .addOption(new Option('--log-file <file>', 'a log of every event as JSON lines, added to a file'))
      .addOption(helpOption)
      .addHelpText('after', TELLING_HELP)
  );
}

const TELLING_HELP = `
What is told on stderr while a run goes on:
  on a terminal       live bars, and above them the lines that matter
  in a pipe or CI     the lines, and every 10 s how the run stands
  --log-level LEVEL   a log instead: in words on a terminal, JSON lines otherwise
  --quiet             nothing but errors
--log-file comes beside any of them (with everything, or from --log-level on). Colours follow NO_COLOR and FORCE_COLOR.
stdout has the summary at the end; with --json one JSON object, with --quiet only where the output is.`;

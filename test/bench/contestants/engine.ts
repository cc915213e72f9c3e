// Contestants that are runs of this project.

import { readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { freePorts } from '../../fixtures/ports.ts';
import type { Contestant } from '../case.ts';
import type { Dataset } from '../data/datasets.ts';
import { timeCommand } from '../measure/timed-command.ts';

/** The command, as it is typed. */
export const MAPREDUCE = fileURLToPath(new URL('../../../bin/mapreduce.js', import.meta.url));

/** More ports than any case has workers, unless the machine has more cores. */
const PORTS = Math.max(8, availableParallelism());

export interface EngineRun {
  readonly name: string;
  /** The name of a built-in job, or of a file in `jobs/`, with its extension. */
  readonly job: string;
  readonly input: Dataset;
  readonly options?: readonly string[];
  readonly skipped?: string | undefined;
  /** Whether the job's outputs, one after another, are in order. */
  readonly totalOrder?: boolean;
}

/** `mapreduce run`: workers are spawned, and end with the run. */
export function engineRun({ name, job, input, options = [], skipped, totalOrder = false }: EngineRun): Contestant {
  return {
    name,
    skipped,
    inputs: [input.path],
    async run(folder) {
      const state = join(folder, 'files');
      const port = String(await freePorts(PORTS));
      const args = [
        MAPREDUCE,
        'run',
        '--dir',
        state,
        '--worker-port',
        port,
        ...jobOptions(job),
        ...options,
        input.path,
      ];
      const { wallMs, peaks } = await timeCommand({ file: process.execPath, args, folder });
      return { wallMs, peaks, output: { files: outputsOf(state), sorted: true, totalOrder } };
    },
  };
}

/** `mapreduce sequential`: one process, in memory. */
export function sequentialRun({ name, job, input, options = [], skipped }: EngineRun): Contestant {
  return {
    name,
    skipped,
    inputs: [input.path],
    async run(folder) {
      const args = [MAPREDUCE, 'sequential', ...jobOptions(job), ...options, input.path];
      const { wallMs, peaks, stdout } = await timeCommand({ file: process.execPath, args, folder });
      return { wallMs, peaks, output: { files: [stdout], sorted: true } };
    },
  };
}

/** The job option for a built-in job, or for a file of `jobs/`. */
export function jobOptions(job: string): string[] {
  return ['--job', job.endsWith('.ts') ? jobPath(job) : job];
}

/** The path of a file of `jobs/`. */
export function jobPath(file: string): string {
  return fileURLToPath(new URL(`../jobs/${file}`, import.meta.url));
}

/** The outputs in a state directory, in the order of their tasks. */
export function outputsOf(state: string): string[] {
  const out = join(state, 'out');
  const names = readdirSync(out).filter((name) => /^out-\d+$/.test(name));
  return names.sort().map((name) => join(out, name));
}

// Contestants with standing workers.

import { join } from 'node:path';

import { freePorts } from '../../fixtures/ports.ts';
import { RunningCommand } from '../../fixtures/running-command.ts';
import type { Bench, Contestant } from '../case.ts';
import { timeCommand } from '../measure/timed-command.ts';
import { type EngineRun, jobOptions, MAPREDUCE, outputsOf } from './engine.ts';

/** `mapreduce run` with `workers` workers that listen already. They start before the first run, and end after the last. */
export function standingRun(bench: Bench, workers: number, run: EngineRun): Contestant {
  const { name, job, input, options = [] } = run;
  let standing: Promise<Standing> | undefined;
  return {
    name,
    inputs: [input.path],
    run: async (folder) => {
      const { state, port, command } = await (standing ??= startWorkers(bench, workers));
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
      const alsoPids = [command.pid];
      const { wallMs, peaks } = await timeCommand({ file: process.execPath, args, folder, alsoPids });
      return { wallMs, peaks, output: { files: outputsOf(state), sorted: true } };
    },
    close: async () => {
      const command = (await standing)?.command;
      command?.signal('SIGTERM');
      await command?.finished;
    },
  };
}

interface Standing {
  readonly state: string;
  readonly port: string;
  readonly command: RunningCommand;
}

async function startWorkers(bench: Bench, workers: number): Promise<Standing> {
  const folder = bench.newFolder();
  const state = join(folder, 'files');
  const port = String(await freePorts(workers));
  const args = [MAPREDUCE, 'workers', '-W', String(workers), '--dir', state, '--worker-port', port];
  const command = new RunningCommand(process.execPath, args, { cwd: folder, env: process.env });
  // It is ended by the case, and with the bench if that is ended before.
  process.once('exit', () => command.signal('SIGTERM'));
  await command.line(/workers? ready on /);
  return { state, port, command };
}

// A run of which one worker is killed when half of its map tasks are committed.

import { join } from 'node:path';

import { freePorts } from '../../fixtures/ports.ts';
import { RunningCommand } from '../../fixtures/running-command.ts';
import type { Contestant } from '../case.ts';
import { type EngineRun, jobOptions, MAPREDUCE, outputsOf } from './engine.ts';

const PORTS = 32;

export function killedWorkerRun({ name, job, input, options = [] }: EngineRun): Contestant {
  return {
    name,
    inputs: [input.path],
    async run(folder) {
      const state = join(folder, 'files');
      const ports = ['--worker-port', String(await freePorts(PORTS))];
      const args = [MAPREDUCE, 'run', '--dir', state, ...ports, ...jobOptions(job), ...options, input.path];
      const startMs = performance.now();
      const command = new RunningCommand(process.execPath, args, { cwd: folder, env: process.env });
      await halfMapped(command);
      process.kill(command.workerPids()[0]!, 'SIGKILL');
      const { exitCode, stderr } = await command.finished;
      const wallMs = performance.now() - startMs;
      if (exitCode !== 0) throw new Error(`ended with ${exitCode}\n${stderr}`);
      if (!/^worker \d+ lost: /m.test(stderr)) throw new Error('expected a worker that is lost, found none');
      return { wallMs, output: { files: outputsOf(state), sorted: true } };
    },
  };
}

async function halfMapped(command: RunningCommand): Promise<void> {
  for (let committed = 0, count = 1; 2 * committed < count;) {
    const [, done, all] = await command.line(new RegExp(`^map (?!${committed} )(\\d+) of (\\d+) tasks committed`));
    [committed, count] = [Number(done), Number(all)];
    if (2 * committed < count) await command.line(new RegExp(`^map (?!(?:${range(committed)}) )\\d+ of`));
  }
}

/** Every number up to one, as alternatives of a regular expression. */
function range(last: number): string {
  return Array.from({ length: last + 1 }, (_, number) => number).join('|');
}

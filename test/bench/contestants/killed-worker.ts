// A contestant of which one worker is killed when half of its map tasks are committed.

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

/** The driver prints lines with its progress, not with each task. */
async function halfMapped(command: RunningCommand): Promise<void> {
  const [, count] = await command.line(/: (\d+) map tasks, /);
  const half = Math.ceil(Number(count) / 2);
  const enough = Array.from({ length: half + 1 }, (_, more) => half + more);
  await command.line(new RegExp(`^map (?:${enough.join('|')}) of \\d+ tasks committed`));
}

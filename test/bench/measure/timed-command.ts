// Runs a command and measures the time from its spawn to its exit, and the peaks of memory.

import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { PeakMemory, type Peaks } from './peak-memory.ts';

export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  /** The folder in which the command runs, and in which its output is kept. */
  readonly folder: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Processes that work for the command but were not started by it. */
  readonly alsoPids?: readonly number[];
}

export interface Timed {
  readonly wallMs: number;
  /** The peaks of memory; undefined if the system does not report them. */
  readonly peaks: Peaks | undefined;
  /** The file with the output of the command. */
  readonly stdout: string;
}

const STDERR_LINES = 12;
const running = new Set<ChildProcess>();

/** Runs a command. @throws Error if its exit code is not 0 */
export async function timeCommand({ file, args, folder, env, alsoPids = [] }: Command): Promise<Timed> {
  const stdout = join(folder, 'stdout');
  const stderr = join(folder, 'stderr');
  const [output, errors] = [openSync(stdout, 'w'), openSync(stderr, 'w')];
  const startMs = performance.now();
  const child = spawn(file, args, {
    cwd: folder,
    env: { ...process.env, ...env },
    stdio: ['ignore', output, errors],
    // A separate process group, so that all processes of a pipeline can be ended.
    detached: true,
  });
  const ended = new Promise<string | undefined>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(code === 0 ? undefined : `ended with ${code ?? signal}`));
  });
  running.add(child);
  const memory = new PeakMemory(child.pid, alsoPids);
  const failure = await ended;
  const wallMs = performance.now() - startMs;
  running.delete(child);
  const peaks = memory.stop();
  closeSync(output);
  closeSync(errors);
  if (failure === undefined) return { wallMs, peaks, stdout };
  const said = readFileSync(stderr, 'utf8').trimEnd().split('\n').slice(-STDERR_LINES).join('\n');
  throw new Error(`${failure}\n${said}`.trimEnd());
}

/** Ends the running command if the bench is ended. */
export function endCommands(): void {
  for (const { pid } of running) if (pid !== undefined) process.kill(-pid);
}

// Describes the machine of the measurements, as far as a reader of the figures needs it.

import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, release, totalmem, type } from 'node:os';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  /** How many processes wanted to run in the last minute: if there were others, only ratios are meaningful. */
  readonly load: number;
  readonly system: string;
  readonly node: string;
  /** The state of the code: commit, and whether files differ from it. */
  readonly commit: string;
  /** Whether the system reports the peaks of memory of a process. */
  readonly measuresMemory: boolean;
  readonly peers: Readonly<Record<string, string>>;
}

export function describeMachine(peers: Readonly<Record<string, string>>): Machine {
  return {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    load: loadavg()[0]!,
    system: `${type()} ${release()}`,
    node: process.version,
    commit: git('describe', '--always', '--dirty', '--abbrev=12', '--exclude=*'),
    measuresMemory: existsSync('/proc/self/status'),
    peers,
  };
}

function git(...args: readonly string[]): string {
  try {
    return execFileSync('git', args, { cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return 'unknown';
  }
}

// The place of one round: a directory, the processes in it, and at the end nothing left of either.

import { randomUUID } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { freePorts } from '../fixtures/ports.ts';
import { MARK, processesMarked } from '../fixtures/processes.ts';
import { buildingIn } from '../fixtures/results.ts';
import { RunningCommand } from '../fixtures/running-command.ts';
import { SmallDisk } from '../fixtures/small-disk.ts';
import { until } from '../fixtures/until.ts';
import type { Setting } from './setting.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const MAPREDUCE = join(ROOT, 'bin/mapreduce.js');
const COMPILED = join(ROOT, 'node_modules/.cache/node-compile-cache');
/** Workers that are silent stay on their ports, and others take the next ones. */
const PORTS = 24;

/** `building`: the results so far of the run that is under way. */
export type StateFolder = 'chunks' | 'intermediate' | 'attempts' | 'building' | 'out';

export class Surroundings {
  readonly dir: string;
  readonly state: string;
  readonly disk: SmallDisk | undefined;
  readonly port: number;
  readonly #mark = randomUUID();
  readonly #commands: RunningCommand[] = [];

  private constructor(port: number, setting: Setting) {
    this.dir = realpathSync(mkdtempSync(join(tmpdir(), 'mapreduce-chaos-')));
    this.state = join(this.dir, 'files');
    this.port = port;
    const { disk, texts } = setting;
    this.disk = disk !== undefined && 'smallBytes' in disk ? new SmallDisk(this.state, disk.smallBytes) : undefined;
    for (const [name, text] of Object.entries(texts)) writeFileSync(join(this.dir, name), text);
  }

  static async of(setting: Setting): Promise<Surroundings> {
    return new Surroundings(await freePorts(PORTS), setting);
  }

  /** Starts `mapreduce ...`; with a limit, none of its processes may write a bigger file. */
  start(args: readonly string[], fileLimitKiB?: number): RunningCommand {
    const { MAPREDUCE_TOKEN: _, ...inherited } = process.env;
    const env = { ...inherited, NODE_COMPILE_CACHE: COMPILED, [MARK]: this.#mark };
    const call = [process.execPath, MAPREDUCE, ...args];
    const limit = `ulimit -f ${(fileLimitKiB ?? 0) * 2}; exec "$@"`;
    const [file = '', ...rest] = fileLimitKiB === undefined ? call : ['sh', '-c', limit, 'sh', ...call];
    const command = new RunningCommand(file, rest, { cwd: this.dir, env });
    this.#commands.push(command);
    return command;
  }

  /** The workers that live, whoever has started them. */
  workers(): number[] {
    const commands = new Set(this.#commands.map(({ pid }) => pid));
    return processesMarked(this.#mark)
      .filter((pid) => !commands.has(pid))
      .sort((a, b) => a - b);
  }

  /** The files in a folder of the state directory, by their paths. */
  files(folder: StateFolder): string[] {
    const path = folder === 'building' && existsSync(this.state) ? buildingIn(this.state) : join(this.state, folder);
    if (!existsSync(path)) return [];
    return readdirSync(path)
      .sort()
      .map((name) => join(path, name));
  }

  /** The journal of the newest run. */
  journal(): string | undefined {
    const history = join(this.state, 'history');
    const newest = existsSync(history) ? readdirSync(history).sort().at(-1) : undefined;
    return newest === undefined ? undefined : join(history, newest, 'journal.ndjson');
  }

  /** Ends everything. Throws where a process outlived what started it. */
  async end(): Promise<void> {
    for (const command of this.#commands) if (!command.ended) command.signal('SIGKILL');
    for (const pid of this.workers()) process.kill(pid, 'SIGCONT');
    try {
      await until('all processes of the round are gone', () => processesMarked(this.#mark).length === 0);
    } finally {
      this.abandon();
    }
  }

  /** What can be done about it at once, whatever happens. */
  abandon(): void {
    for (const pid of processesMarked(this.#mark)) process.kill(pid, 'SIGKILL');
    this.disk?.[Symbol.dispose]();
    rmSync(this.dir, { recursive: true, force: true, maxRetries: 3 });
  }
}

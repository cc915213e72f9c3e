// The surroundings of one round: a directory, the processes and strangers in it, and a check that nothing is left at the end.

import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { freePorts } from '../fixtures/ports.ts';
import { MARK, processesMarked } from '../fixtures/processes.ts';
import { buildingIn } from '../fixtures/results.ts';
import { RunningCommand } from '../fixtures/running-command.ts';
import { SmallDisk } from '../fixtures/small-disk.ts';
import { until } from '../fixtures/until.ts';
import { specOf } from '../refusals/refusals.ts';
import { Inputs } from './inputs.ts';
import { Obstacles } from './obstacles.ts';
import type { Handicap } from './plan.ts';
import { Results } from './results.ts';
import type { Setting } from './setting.ts';
import { type Behaviour, Stranger } from './stranger.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const MAPREDUCE = join(ROOT, 'bin/mapreduce.js');
const COMPILED = join(ROOT, 'node_modules/.cache/node-compile-cache');
/** A file that a job imports. */
const PAUSE = 'pause.ts';
const JOBS = join(ROOT, 'test/chaos/jobs');
/** Silent workers stay on their ports, and others take the next ones. */
const PORTS = 24;
const DRIVER_PORT = 22;

/** `pending`: the outputs so far of the current run. `attempts`: files that are not committed yet. */
export type DataFolder = 'chunks' | 'intermediate' | 'attempts' | 'pending';

export class Surroundings {
  readonly dir: string;
  readonly state: string;
  readonly inputs: Inputs;
  readonly results: Results;
  readonly disk: SmallDisk | undefined;
  readonly obstacles = new Obstacles();
  readonly port: number;
  readonly #mark = randomUUID();
  readonly #refuser: string | undefined;
  readonly #commands: RunningCommand[] = [];
  readonly #strangers: Stranger[] = [];
  #isJobEdited = false;
  #refusals = 0;

  private constructor(port: number, setting: Setting, refuser: string | undefined) {
    this.dir = realpathSync(mkdtempSync(join(tmpdir(), 'mapreduce-chaos-')));
    this.state = join(this.dir, 'files');
    this.port = port;
    this.#refuser = refuser;
    const { diskBytes, texts, output, hasEarlier } = setting;
    this.disk = diskBytes === undefined ? undefined : new SmallDisk(this.state, diskBytes);
    this.inputs = new Inputs(this.dir, texts);
    this.results = new Results(join(this.dir, output ?? 'files/out'), hasEarlier, output === undefined);
    mkdirSync(this.temporary);
    for (const name of readdirSync(JOBS)) copyFileSync(join(JOBS, name), join(this.dir, name));
  }

  /** `refuser` is the library that refuses calls. */
  static async of(setting: Setting, refuser: string | undefined): Promise<Surroundings> {
    return new Surroundings(await freePorts(PORTS), setting, refuser);
  }

  get driverPort(): number {
    return this.port + DRIVER_PORT;
  }

  /** The folder that the commands use as the system's folder of temporary files. */
  get temporary(): string {
    return join(this.dir, 'tmp');
  }

  /** Starts `mapreduce ...`. */
  start(args: readonly string[], handicap?: Handicap): RunningCommand {
    const { MAPREDUCE_TOKEN: _, ...inherited } = process.env;
    const refused = handicap !== undefined && 'refusal' in handicap ? this.#refusing(handicap) : {};
    const env = { ...inherited, ...refused, TMPDIR: this.temporary, NODE_COMPILE_CACHE: COMPILED, [MARK]: this.#mark };
    const call = [process.execPath, MAPREDUCE, ...args];
    const [file = '', ...rest] = handicap !== undefined && 'fileLimitKiB' in handicap ? limited(call, handicap) : call;
    const command = new RunningCommand(file, rest, { cwd: this.dir, env });
    this.#commands.push(command);
    return command;
  }

  #refusing({ refusal }: Extract<Handicap, { refusal: unknown }>): NodeJS.ProcessEnv {
    this.#refusals++;
    return { LD_PRELOAD: this.#refuser, REFUSE: specOf(refusal), REFUSE_MARK: this.#refusalMark };
  }

  /** Whether the last handicap has refused a call. */
  get hasRefused(): boolean {
    return existsSync(this.#refusalMark);
  }

  get #refusalMark(): string {
    return join(this.dir, `refused-${this.#refusals}`);
  }

  /** The living workers, whichever process has started them. */
  workers(): number[] {
    return this.#processes(/\/worker\/worker-main|mapreduce\.js worker /);
  }

  /** The living job hosts. */
  hosts(): number[] {
    return this.#processes(/\/host\/host-main/);
  }

  #processes(command: RegExp): number[] {
    return processesMarked(this.#mark)
      .filter((pid) => command.test(commandOf(pid)))
      .sort((a, b) => a - b);
  }

  /** The port of a worker that a driver of the round has named. */
  portOf(pid: number): number | undefined {
    const ready = new RegExp(`127\\.0\\.0\\.1(?::|, port )(\\d+), process ${pid}\\b`);
    const line = this.#commands.flatMap(({ said }) => said).find((text) => ready.test(text));
    return line === undefined ? undefined : Number(ready.exec(line)![1]);
  }

  /** The port of some living worker. */
  #somePort(): number | undefined {
    return this.workers()
      .map((pid) => this.portOf(pid))
      .findLast((port) => port !== undefined);
  }

  /** Returns the paths of the files in a folder. */
  files(folder: DataFolder): string[] {
    const beside = dirname(this.results.folder);
    const building = existsSync(beside) ? buildingIn(beside) : '';
    if (folder === 'pending') return filesIn(building);
    const paths = filesIn(join(this.state, folder));
    return folder === 'attempts' ? [...paths, ...filesIn(join(dirname(building), 'attempts'))] : paths;
  }

  /** Returns the small files of the state directory. */
  stateFiles(): string[] {
    const names = ['run.json', 'job.json', 'workers.json', 'lock', 'lock.holder', 'token'];
    const places = this.files('attempts').filter((path) => path.endsWith('.at'));
    return [...names.map((name) => join(this.state, name)).filter((path) => existsSync(path)), ...places];
  }

  /** The journal of the newest run, if there is one. */
  journals(): string[] {
    return filesIn(join(this.state, 'history'))
      .slice(-1)
      .map((run) => join(run, 'journal.ndjson'));
  }

  /** Puts a stranger on a port. Returns whether it got the port. */
  async invite(port: number, behaviour: Behaviour): Promise<boolean> {
    const stranger = await Stranger.on(port, behaviour, () => this.#somePort());
    if (stranger !== undefined) this.#strangers.push(stranger);
    return stranger !== undefined;
  }

  /** Changes a file that the job imports. Returns false if it has been changed already. */
  editJob(): boolean {
    if (this.#isJobEdited) return false;
    appendFileSync(join(this.dir, PAUSE), '// edited\n');
    return (this.#isJobEdited = true);
  }

  restoreJob(): void {
    if (this.#isJobEdited) copyFileSync(join(JOBS, PAUSE), join(this.dir, PAUSE));
    this.#isJobEdited = false;
  }

  /**
   * Ends all processes that the round itself has started. Throws if another process is left, which may hold a port, or if a
   * stranger has seen a token.
   */
  async end(): Promise<void> {
    try {
      for (const command of this.#commands) if (!command.ended) command.signal('SIGKILL');
      await until('all processes of the round have ended', () => processesMarked(this.#mark).length === 0);
      const told = this.#strangers.find((stranger) => stranger.hasHeardToken());
      await Promise.all(this.#strangers.map((stranger) => stranger.leave()));
      if (told !== undefined) throw new Error(`THE TOKEN LEAKED: a stranger on port ${told.port} has seen it`);
    } finally {
      this.abandon();
    }
  }

  /** Cleans up at once, in any state. */
  abandon(): void {
    for (const pid of processesMarked(this.#mark)) process.kill(pid, 'SIGKILL');
    this.disk?.[Symbol.dispose]();
    rmSync(this.dir, { recursive: true, force: true, maxRetries: 3 });
  }
}

function limited(call: readonly string[], { fileLimitKiB }: { readonly fileLimitKiB: number }): string[] {
  return ['sh', '-c', `ulimit -f ${fileLimitKiB * 2}; exec "$@"`, 'sh', ...call];
}

function commandOf(pid: number): string {
  try {
    return execFileSync('ps', ['-ww', '-o', 'command=', '-p', String(pid)], { encoding: 'utf8' });
  } catch {
    // It has ended.
    return '';
  }
}

function filesIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .sort()
    .map((name) => join(folder, name));
}

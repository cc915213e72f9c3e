// Spawns a worker process and waits until it reports that it is ready.

import { extname } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import { execaNode } from 'execa';

import { compileCache } from './compile-cache.ts';
import { messageOf } from '../../errors.ts';
import { HOST, LAST_PORT } from '../../wire/address.ts';
import { refusedPort } from './port-checks.ts';
import { refusedCall } from '../../machine/refused-call.ts';
import type { ParentMessage, PortRefusal, WorkerMessage, WorkerToken } from '../../protocol.ts';

const ENTRY = fileURLToPath(new URL(`../../worker/worker-main${extname(import.meta.url)}`, import.meta.url));
const STDERR_LINES = 20;

/**
 * A young generation of fixed size: a worker is ready in 8 % less time than with one that grows step by step. It is not larger:
 * that would leave the garbage of many small tasks for later, and jobs that make many strings would not be faster.
 */
export const WORKER_OPTIONS = ['--min-semi-space-size=8', '--max-semi-space-size=8'];

export interface SpawnOptions {
  /** The port to try first. */
  readonly port: number;
  /** Whose requests the worker runs. */
  readonly token: WorkerToken;
  /** Returns the port to try after one that is in use. */
  readonly nextPort: (taken: number) => number;
  /** Receives each line that the worker, or the user's code in it, prints. */
  readonly onOutput: (line: string) => void;
  /** Called if a port is in use. */
  readonly onPortTaken: (port: number) => void;
  /** Called if the system does not let the worker listen on a port. */
  readonly onPortRefused: (error: unknown) => void;
}

/** How a process ended, in words, and what it printed last. */
interface Ended {
  readonly message: string;
  /** The machine refused to start it. */
  readonly isRefused?: boolean;
  readonly stderr: readonly string[];
}

export interface WorkerProcess {
  readonly pid: number | undefined;
  /** The port that it listens on; undefined if the process ends before. */
  readonly ready: Promise<number | undefined>;
  readonly ended: Promise<Ended>;
  /** The last lines that it wrote to stderr. */
  readonly stderr: readonly string[];
  /** Kills the process at once, also if it is stopped or ignores signals. */
  kill(): void;
}

export function spawnWorker(options: SpawnOptions): WorkerProcess {
  const subprocess = execaNode(ENTRY, [], {
    nodePath: process.execPath,
    nodeOptions: WORKER_OPTIONS,
    ipc: true,
    serialization: 'json',
    stdin: 'ignore',
    buffer: false,
    reject: false,
    // A worker ends when its channel closes. Execa's own cleanup would handle signals that Node ignores by default: then a file
    // that reaches its size limit (SIGXFSZ) would end the driver without a message.
    cleanup: false,
    env: {
      // The token goes through the channel: any job could print what is in the environment.
      MAPREDUCE_TOKEN: undefined,
      NODE_COMPILE_CACHE: compileCache(),
      // Execa extends PATH, and expects it to be set.
      PATH: process.env['PATH'] ?? '',
    },
  });
  // Throws at once if the machine has refused to start the process.
  const send = async (message: ParentMessage): Promise<void> => {
    await subprocess.sendMessage(message);
  };
  const post = (message: ParentMessage): void => void send(message).catch(ignoreEnded);
  post({ type: 'listen', port: options.port, token: options.token });
  const stderr: string[] = [];
  createInterface({ input: subprocess.stdout }).on('line', options.onOutput);
  createInterface({ input: subprocess.stderr }).on('line', (line) => {
    stderr.push(line);
    if (stderr.length > STDERR_LINES) stderr.shift();
    options.onOutput(line);
  });

  const { promise: ready, resolve } = Promise.withResolvers<number | undefined>();
  const listenElsewhere = (taken: number): void => {
    options.onPortTaken(taken);
    const port = options.nextPort(taken);
    if (port > LAST_PORT) subprocess.kill('SIGKILL');
    else post({ type: 'listen', port });
  };
  const listen = async (): Promise<void> => {
    for await (const message of subprocess.getEachMessage()) {
      const news = message as WorkerMessage;
      if (news.type === 'ready') resolve(news.port);
      else if (news.type === 'port-taken') listenElsewhere(news.port);
      else options.onPortRefused(refusedWorkerPort(news.port, news.refusal));
    }
  };
  void listen().catch(ignoreEnded);
  const ended = subprocess.then((result) => {
    resolve(undefined);
    if (subprocess.pid === undefined)
      return { message: messageOf(refusedCall(causeOf(result))), isRefused: true, stderr };
    const how = result.signal === undefined ? `exit code ${result.exitCode ?? 'unknown'}` : result.signal;
    return { message: `its process ended with ${how}`, stderr };
  });
  return { pid: subprocess.pid, ready, ended, stderr, kill: () => void subprocess.kill('SIGKILL') };
}

/** For a process that did not start, execa's error has the error of the system as its cause. */
function causeOf(error: { readonly cause?: unknown }): unknown {
  return error.cause ?? error;
}

function refusedWorkerPort(port: number, refusal: PortRefusal): unknown {
  return refusedPort(
    '--worker-port',
    port,
    Object.assign(new Error(refusal.code), { ...refusal, address: HOST, port }),
  );
}

/** If a process ends while a message is sent to it, `ended` reports that. */
function ignoreEnded(): void {}

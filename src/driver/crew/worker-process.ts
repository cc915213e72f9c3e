// Spawns a worker process and waits until it says itself that it is ready.

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
 * A young generation that does not grow step by step: 8 % less until a worker is ready. Nor further: garbage of many small
 * tasks is not left for later, and jobs that make many strings take as long as with twice as much.
 */
export const WORKER_OPTIONS = ['--min-semi-space-size=8', '--max-semi-space-size=8'];

export interface SpawnOptions {
  /** The port to ask for first. */
  readonly port: number;
  /** Whose requests it runs. */
  readonly token: WorkerToken;
  /** The next port to try where one is held by something else. */
  readonly nextPort: (taken: number) => number;
  /** A line that the worker, or the user's code in it, printed. */
  readonly onOutput: (line: string) => void;
  /** The port was held by something else. */
  readonly onPortTaken: (port: number) => void;
  /** The system does not let the worker listen on the port. */
  readonly onPortRefused: (error: unknown) => void;
}

/** How a process ended, in words, and what it said last. */
interface Ended {
  readonly message: string;
  /** The machine refused to start it. */
  readonly isRefused?: boolean;
  readonly stderr: readonly string[];
}

export interface WorkerProcess {
  readonly pid: number | undefined;
  /** The port that it listens on; undefined where the process ended before. */
  readonly ready: Promise<number | undefined>;
  readonly ended: Promise<Ended>;
  /** The last lines that it wrote to stderr. */
  readonly stderr: readonly string[];
  /** Ends the process at once, also one that is stopped or does not listen to signals. */
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
    // A worker ends when its channel closes. What execa does about it beside that listens to signals which Node ignores: a
    // file that reaches the limit of its size ended the driver without a word.
    cleanup: false,
    env: {
      // The token goes through the channel: what stands in the environment, any job can print.
      MAPREDUCE_TOKEN: undefined,
      NODE_COMPILE_CACHE: compileCache(),
      // Execa adds to it, and expects it to be there.
      PATH: process.env['PATH'] ?? '',
    },
  });
  // Of a process that the machine has refused to start this throws at once.
  const send = async (message: ParentMessage): Promise<void> => {
    await subprocess.sendMessage(message);
  };
  const tell = (message: ParentMessage): void => void send(message).catch(ignoreEnded);
  tell({ type: 'listen', port: options.port, token: options.token });
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
    else tell({ type: 'listen', port });
  };
  const listen = async (): Promise<void> => {
    for await (const message of subprocess.getEachMessage()) {
      const said = message as WorkerMessage;
      if (said.type === 'ready') resolve(said.port);
      else if (said.type === 'port-taken') listenElsewhere(said.port);
      else options.onPortRefused(refusedWorkerPort(said.port, said.refusal));
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

/** Execa's error of a process that did not start has the system's as its cause. */
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

/** A process that ends while it is spoken to has its end reported by `ended`. */
function ignoreEnded(): void {}

// Contestants that are servers: how long they take to start, and how long to answer.

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { enableCompileCache, getCompileCacheDir } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { Pool } from 'undici';

import { WORKER_OPTIONS } from '../../../src/driver/worker-process.ts';
import { sharedToken } from '../../../src/driver/token.ts';
import type { AnswerLine, TaskRequest } from '../../../src/protocol.ts';
import { freePorts } from '../../fixtures/ports.ts';
import type { Contestant } from '../case.ts';
import { jobPath } from './engine.ts';
import { peerPath } from './peers.ts';
import { digestOf } from '../../../src/job-loading.ts';
import { beginRun, workspaceAt } from '../../../src/workspace.ts';

// As the command has it: workers start from what an earlier one has compiled. The bare servers get the same.
enableCompileCache();

/** A server that listens. */
interface Server {
  readonly port: number;
  readonly token: string;
  end(): Promise<void>;
}

/** Starts a server. What belongs to it is in `folder`. */
type Start = (folder: string, port: number) => Promise<Server>;

/** A worker as the command starts it: from the bundle. */
const WORKER = fileURLToPath(new URL('../../../dist/worker/main.js', import.meta.url));

const startWorker: Start = (folder, port) => {
  const tokenFile = join(folder, 'token');
  const token = sharedToken(tokenFile);
  return startProcess(WORKER, { port, token, execArgv: WORKER_OPTIONS, env: { MAPREDUCE_TOKEN_FILE: tokenFile } });
};

const startPeer = (file: string, port: number): Promise<Server> => startProcess(peerPath(file), { port, token: '' });

interface ProcessOptions {
  readonly port: number;
  readonly token: string;
  readonly execArgv?: readonly string[];
  readonly env?: Record<string, string>;
}

/** Starts a process that listens on the port it is given, and says when it does. */
async function startProcess(file: string, { port, token, execArgv = [], env = {} }: ProcessOptions): Promise<Server> {
  const options = {
    execArgv: [...execArgv],
    env: { ...process.env, ...env, NODE_COMPILE_CACHE: dirname(getCompileCacheDir() ?? '') },
  };
  const server = fork(file, [String(port)], options);
  await once(server, 'message');
  const end = async (): Promise<void> => {
    server.kill('SIGKILL');
    await once(server, 'exit');
  };
  return { port, token, end };
}

const STARTS = {
  worker: startWorker,
  'bare node:http server': (_folder, port) => startPeer('bare-server.js', port),
  'bare node:http server with a thread': (_folder, port) => startPeer('bare-threaded-server.js', port),
} as const satisfies Record<string, Start>;
type ServerKind = keyof typeof STARTS;

/** The time until `count` servers that start at once have all said that they are ready. */
export function startUp(name: string, kind: ServerKind, count: number): Contestant {
  return {
    name,
    run: async (folder) => {
      const port = await freePorts(count);
      const startMs = performance.now();
      const servers = await Promise.all(
        Array.from({ length: count }, (_, index) => STARTS[kind](folder, port + index)),
      );
      const wallMs = performance.now() - startMs;
      for (const server of servers) await server.end();
      return { wallMs };
    },
  };
}

/** The time of `count` requests, one after another over a connection that is kept alive. */
export function answers(name: string, kind: ServerKind, count: number, request = askForTask): Contestant {
  return {
    name,
    run: async (folder) => {
      const server = await STARTS[kind](folder, await freePorts(1));
      const pool = new Pool(`http://127.0.0.1:${server.port}`, { connections: 1 });
      try {
        beginRun(workspaceAt(folder), { id: 'another', job: '', mapCount: 1, reduceCount: 1 });
        const ask = (): Promise<void> => request(pool, server.token, folder);
        // The first request starts the worker's thread, and loads the job.
        for (let i = 0; i < 50; i++) await ask();
        const startMs = performance.now();
        for (let i = 0; i < count; i++) await ask();
        return { wallMs: performance.now() - startMs };
      } finally {
        await pool.destroy();
        await server.end();
      }
    },
  };
}

/** A request that only says who asks. */
export async function askForHealth(pool: Pool, token: string): Promise<void> {
  const headers = { authorization: `Bearer ${token}` };
  const { statusCode, body } = await pool.request({ method: 'GET', path: '/health', headers });
  await body.text();
  if (statusCode !== 200) throw new Error(`expected an answer, found ${statusCode}`);
}

/**
 * A task request with a state directory that is another run's: so a worker checks it, hands it to its thread, which looks at
 * `run.json`, and answers that it refuses. That is all that a task costs but its own files. The bare servers read it and
 * answer as much.
 */
async function askForTask(pool: Pool, token: string, dir: string): Promise<void> {
  const request: TaskRequest = {
    runId: 'bench',
    driverId: 'bench',
    dir,
    job: { path: jobPath('word-count-regex.ts'), digest: digestOf(jobPath('word-count-regex.ts')), params: {} },
    mapCount: 1,
    reduceCount: 1,
    task: 0,
    attempt: 1,
    mapBufferBytes: 1 << 26,
    mergeFanIn: 256,
    compressRuns: false,
    heapBytes: 1 << 30,
    generation: 0,
    careful: false,
    skip: [],
  };
  const { statusCode, body } = await pool.request({
    method: 'POST',
    path: '/map',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(request),
  });
  const last = JSON.parse((await body.text()).trimEnd().split('\n').at(-1)!) as AnswerLine;
  const isRefusal = last.type === 'failed' && last.failure.kind === 'refused';
  if (statusCode !== 200 || !isRefusal)
    throw new Error(`expected a refusal, found ${statusCode} ${JSON.stringify(last)}`);
}

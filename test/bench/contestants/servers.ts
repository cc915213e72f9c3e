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
import { sourceDigest } from '../../../tools/source-digest.ts';
import type { Contestant } from '../case.ts';
import { jobPath } from './engine.ts';
import { peerPath } from './peers.ts';
import { digestOf } from '../../../src/job-loading.ts';
import { beginRun, workspaceAt } from '../../../src/workspace.ts';

// As the command has it: workers start from what an earlier one has compiled. The bare servers get the same.
enableCompileCache();

const JOB_DIGEST = digestOf(jobPath('word-count-regex.ts'));

/** A server that listens. */
interface Server {
  readonly port: number;
  readonly token: string;
  end(): Promise<void>;
}

/** Starts a server. What belongs to it is in `folder`. */
type Start = (folder: string, port: number) => Promise<Server>;

/** A worker as the command starts it: from the bundle, which `npm run bench` has made. */
const WORKER = fileURLToPath(new URL(`../../../.bundle/${sourceDigest()}/worker/main.js`, import.meta.url));

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

/** Makes request number `attempt`, from 1 on, and checks what is answered. */
type Ask = (pool: Pool, server: { readonly token: string; readonly folder: string }, attempt: number) => Promise<void>;

/** The run that the state directory belongs to. */
const RUN = 'bench';

/** The time of `count` requests, one after another over a connection that is kept alive. */
export function answers(name: string, kind: ServerKind, count: number, ask: Ask): Contestant {
  return {
    name,
    run: async (folder) => {
      const server = await STARTS[kind](folder, await freePorts(1));
      const pool = new Pool(`http://127.0.0.1:${server.port}`, { connections: 1 });
      try {
        const workspace = workspaceAt(folder);
        beginRun(workspace, { id: RUN, job: '', mapCount: 1, reduceCount: 1 });
        const { token } = server;
        let attempt = 0;
        // The first requests start the worker's thread, and load the job.
        while (attempt < 50) await ask(pool, { token, folder }, ++attempt);
        const startMs = performance.now();
        while (attempt < count + 50) await ask(pool, { token, folder }, ++attempt);
        return { wallMs: performance.now() - startMs };
      } finally {
        await pool.destroy();
        await server.end();
      }
    },
  };
}

/** A request that only says who asks. */
export const askForHealth: Ask = async (pool, { token }) => {
  const headers = { authorization: `Bearer ${token}` };
  const { statusCode, body } = await pool.request({ method: 'GET', path: '/health', headers });
  await body.text();
  if (statusCode !== 200) throw new Error(`expected an answer, found ${statusCode}`);
};

/**
 * A task request of another run than the state directory's. A worker checks all of it, looks at `run.json`, and answers that it
 * refuses. The bare servers read it and answer as much.
 */
export const askInVain: Ask = (pool, { token, folder }, attempt) =>
  askForTask(pool, token, { ...requestFor(folder, attempt), runId: 'another' }, 'refused');

/**
 * A task request of this run, whose chunk is missing: a worker claims the attempt, hands it to its thread, which looks for the
 * chunk, takes the attempt's file away and gives up.
 */
export const askWithoutChunk: Ask = (pool, { token, folder }, attempt) =>
  askForTask(pool, token, requestFor(folder, attempt), 'corrupt');

function requestFor(dir: string, attempt: number): TaskRequest {
  const path = jobPath('word-count-regex.ts');
  return {
    runId: RUN,
    driverId: 'bench',
    dir,
    job: { path, digest: JOB_DIGEST, params: {} },
    mapCount: 1,
    reduceCount: 1,
    task: 0,
    attempt,
    mapBufferBytes: 1 << 26,
    mergeFanIn: 256,
    compressRuns: false,
    heapBytes: 1 << 30,
    generation: 0,
    careful: false,
    skip: [],
  };
}

async function askForTask(pool: Pool, token: string, request: TaskRequest, kind: string): Promise<void> {
  const { statusCode, body } = await pool.request({
    method: 'POST',
    path: '/map',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(request),
  });
  const last = JSON.parse((await body.text()).trimEnd().split('\n').at(-1)!) as AnswerLine;
  const isExpected = last.type === 'failed' && last.failure.kind === kind;
  if (statusCode !== 200 || !isExpected)
    throw new Error(`expected ${kind}, found ${statusCode} ${JSON.stringify(last)}`);
}

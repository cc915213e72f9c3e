// Contestants that are servers: measures how long they take to start, and to answer.

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { enableCompileCache, getCompileCacheDir } from 'node:module';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

import { Pool } from 'undici';

import { WORKER_OPTIONS } from '../../../src/driver/crew/worker-process.ts';
import { newToken } from '../../../src/workspace/token-file.ts';
import type { AnswerLine, ParentMessage, TaskRequest } from '../../../src/protocol.ts';
import { HttpConnection } from '../../../src/wire/http-client.ts';
import { fixedToken } from '../../../src/wire/token-proof.ts';
import { freePorts } from '../../fixtures/ports.ts';
import { sourceDigest } from '../../../tools/source-digest.ts';
import type { Contestant } from '../case.ts';
import { jobPath } from './engine.ts';
import { peerPath } from './peers.ts';
import { digestOf, surround } from '../../fixtures/job-of-run.ts';
import { workspaceAt } from '../../../src/workspace/paths.ts';
import { beginRun } from '../../../src/workspace/run-lifecycle.ts';

// As with the command, workers start from what an earlier one has compiled. The bare servers do, too.
enableCompileCache();

const JOB_DIGEST = digestOf(jobPath('word-count-regex.ts'));

/** A server that listens. */
interface Server {
  /** Sends a request over one connection that is kept alive. A request to a worker is signed. */
  ask(method: 'GET' | 'POST', path: string, body?: string): Promise<{ readonly status: number; readonly body: string }>;
  end(): Promise<void>;
}

/** Starts a server, whose files are in `folder`. */
type Start = (folder: string, port: number) => Promise<Server>;

/** A worker, started as the command does it: from the bundle, which `npm run bench` has made. */
const WORKER = fileURLToPath(new URL(`../../../.bundle/${sourceDigest()}/worker/worker-main.js`, import.meta.url));

const startWorker: Start = async (_folder, port) => {
  const token = newToken();
  const url = `http://127.0.0.1:${port}`;
  const order: ParentMessage = { type: 'listen', port, token: { of: 'parent', token } };
  const end = await startProcess(fork(WORKER, { execArgv: [...WORKER_OPTIONS], env: environment() }), order);
  const connection = new HttpConnection({ url, listener: 'worker', token: fixedToken(token), silenceMs: 10_000 });
  return {
    ask: (method, path, body) => connection.request(body === undefined ? { method, path } : { method, path, body }),
    end: async () => {
      await connection.close();
      await end();
    },
  };
};

async function startPeer(file: string, port: number): Promise<Server> {
  const end = await startProcess(fork(peerPath(file), [String(port)], { env: environment() }));
  const pool = new Pool(`http://127.0.0.1:${port}`, { connections: 1 });
  return {
    ask: async (method, path, asked) => {
      const headers = { 'content-type': 'application/json' };
      const { statusCode: status, body } = await pool.request({ method, path, headers, body: asked ?? null });
      return { status, body: await body.text() };
    },
    end: async () => {
      await pool.destroy();
      await end();
    },
  };
}

function environment(): NodeJS.ProcessEnv {
  return { ...process.env, NODE_COMPILE_CACHE: dirname(getCompileCacheDir() ?? '') };
}

/** Waits until a process reports that it listens; a worker is sent its port first. Returns a function that ends it. */
async function startProcess(server: ChildProcess, order?: ParentMessage): Promise<() => Promise<void>> {
  if (order !== undefined) server.send(order);
  await once(server, 'message');
  return async () => {
    server.kill('SIGKILL');
    await once(server, 'exit');
  };
}

const STARTS = {
  worker: startWorker,
  'bare node:http server': (_folder, port) => startPeer('bare-server.js', port),
  'bare node:http server with a thread': (_folder, port) => startPeer('bare-threaded-server.js', port),
} as const satisfies Record<string, Start>;
type ServerKind = keyof typeof STARTS;

/** The time until `count` servers that start at once have all reported that they are ready. */
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

/** Makes request number `attempt`, from 1 on, and checks the answer. */
type Ask = (server: Server, folder: string, attempt: number) => Promise<void>;

/** The run that the state directory belongs to. */
const RUN = 'bench';

/** The time of `count` requests, one after another over a connection that is kept alive. */
export function answers(name: string, kind: ServerKind, count: number, ask: Ask): Contestant {
  return {
    name,
    run: async (folder) => {
      const server = await STARTS[kind](folder, await freePorts(1));
      try {
        const workspace = workspaceAt(folder);
        beginRun(workspace, { id: RUN, job: '', mapCount: 1, reduceCount: 1 });
        surround(workspace, RUN, jobPath('word-count-regex.ts'));
        let attempt = 0;
        // The first requests start the worker's thread, and load the job.
        while (attempt < 50) await ask(server, folder, ++attempt);
        const startMs = performance.now();
        while (attempt < count + 50) await ask(server, folder, ++attempt);
        return { wallMs: performance.now() - startMs };
      } finally {
        await server.end();
      }
    },
  };
}

/** A GET /health request. */
export const askForHealth: Ask = async (server) => {
  const { status } = await server.ask('GET', '/health');
  if (status !== 200) throw new Error(`expected an answer, found ${status}`);
};

/**
 * A task request of another run than that of the state directory. A worker checks all of it, reads `run.json`, and refuses it. The
 * bare servers read it and send an answer of the same length.
 */
export const askInVain: Ask = (server, folder, attempt) =>
  askForTask(server, { ...requestFor(folder, attempt), runId: 'another' }, 'refused');

/**
 * A task request of this run whose chunk is missing. A worker claims the attempt and hands it to its thread, which looks for the
 * chunk, removes the attempt's file and gives up.
 */
export const askWithoutChunk: Ask = (server, folder, attempt) =>
  askForTask(server, requestFor(folder, attempt), 'corrupt');

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
    compressMapOutput: false,
    heapBytes: 1 << 30,
    generation: 0,
    careful: false,
    skip: [],
  };
}

async function askForTask(server: Server, request: TaskRequest, kind: string): Promise<void> {
  const { status, body } = await server.ask('POST', '/map', JSON.stringify(request));
  const last = JSON.parse(body.trimEnd().split('\n').at(-1)!) as AnswerLine;
  const isExpected = last.type === 'failed' && last.failure.kind === kind;
  if (status !== 200 || !isExpected) throw new Error(`expected ${kind}, found ${status} ${JSON.stringify(last)}`);
}

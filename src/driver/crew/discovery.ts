// Finds the workers that listen already, and announces those that the `workers` command has started.

import { mkdirSync } from 'node:fs';
import { connect } from 'node:net';

import * as v from 'valibot';

import { isProcessAlive } from '../../machine/process-alive.ts';
import { Patience } from '../../machine/patience.ts';
import { refusedCall } from '../../machine/refused-call.ts';
import { removeFile, removeQuietly } from '../../machine/regular-file.ts';
import { readIfWhole, type StateFileKind, writeStateFile } from '../../workspace/state-file.ts';
import type { Workspace } from '../../workspace/paths.ts';
import { HOST, LAST_PORT, urlOf } from '../../wire/address.ts';

/** A worker responds within a few milliseconds; another process that holds a port may never respond. */
const ANSWER_MS = 2000;

export interface FoundWorkers {
  /** The ports of workers that listen and accept our token. */
  readonly listening: readonly { readonly port: number; readonly pid: number }[];
  /** The ports on which the `workers` command had started a worker, and none responds. */
  readonly missing: readonly number[];
}

const positive = v.pipe(v.number(), v.integer(), v.minValue(1));

/** The state file of the `workers` command. If it is lost, only the usual ports are asked. */
const Standing = v.object({ pid: positive, ports: v.array(v.pipe(positive, v.maxValue(LAST_PORT))) });
const STANDING: StateFileKind<v.InferOutput<typeof Standing>> = {
  kind: 'standing-workers',
  version: 1,
  mostBytes: 1 << 20,
  content: Standing,
};

/** Looks for workers on the ports from `firstPort` on, and on those that a running `workers` command has announced. */
export async function findWorkers(
  workspace: Workspace,
  token: string,
  firstPort: number,
  portCount: number,
): Promise<FoundWorkers> {
  const announced = readAnnounced(workspace);
  const range = Array.from({ length: portCount }, (_, index) => firstPort + index);
  const ports = [...new Set([...range, ...announced])].sort((a, b) => a - b);
  const answers = await Promise.all(ports.map(async (port) => ({ port, pid: await pidOfWorker(port, token) })));
  return {
    listening: answers.flatMap(({ port, pid }) => (pid === undefined ? [] : [{ port, pid }])),
    missing: answers.flatMap(({ port, pid }) => (pid === undefined && announced.includes(port) ? [port] : [])),
  };
}

/** Announces the workers that this process has started. Returns a function that withdraws the announcement. */
export function announceWorkers({ dir, standing }: Workspace, ports: readonly number[]): () => void {
  makeFolder(dir);
  writeStateFile(STANDING, standing, { pid: process.pid, ports: [...ports] }, { synced: true });
  return () => {
    // Another command may have announced workers of its own since.
    if (readIfWhole(STANDING, standing)?.pid === process.pid) removeQuietly(standing);
  };
}

/** Creates the state directory: if the token was given, nothing else has created it. */
function makeFolder(dir: string): void {
  try {
    mkdirSync(dir, { recursive: true });
  } catch (error) {
    throw refusedCall(error, dir);
  }
}

/** Removes the announcement of a `workers` command that is not running any more, and a damaged one. */
export function forgetStanding({ standing }: Workspace): void {
  const record = readIfWhole(STANDING, standing);
  if (record === undefined || !isProcessAlive(record.pid)) removeFile(standing);
}

/** The ports that a `workers` command has announced, if it is still running. */
function readAnnounced({ standing }: Workspace): readonly number[] {
  const record = readIfWhole(STANDING, standing);
  return record !== undefined && isProcessAlive(record.pid) ? record.ports : [];
}

/** The process id of the worker on a port. It may be busy, and free in a moment; if it then refuses an attempt, it is replaced. */
async function pidOfWorker(port: number, token: string): Promise<number | undefined> {
  if (!(await isOpen(port))) return undefined;
  const { WorkerClient } = await import('./worker-client.ts');
  const client = new WorkerClient(urlOf(port), token, ANSWER_MS);
  try {
    return (await client.health())?.pid;
  } finally {
    await client.close();
  }
}

/** Whether anything listens on a port. Mostly nothing does; then the HTTP client, half of what a driver loads, is loaded later. */
function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: HOST, port });
    const end = (open: boolean): void => {
      patience[Symbol.dispose]();
      resolve(open);
      socket.destroy();
    };
    const patience = new Patience(ANSWER_MS, () => end(false));
    socket.once('connect', () => end(true)).once('error', () => end(false));
  });
}

// Finds the workers that listen already, and leaves word of those that the `workers` command has started.

import { rmSync } from 'node:fs';
import { connect } from 'node:net';

import { readIfThere, type Workspace, writeWhole } from '../workspace.ts';
import { HOST, urlOf } from './ports.ts';

/** A worker answers within a few milliseconds; a port that somebody else holds may never answer. */
const ANSWER_MS = 2000;

export interface FoundWorkers {
  /** The ports of workers that listen and take our token. */
  readonly listening: readonly { readonly port: number; readonly pid: number }[];
  /** The ports at which the `workers` command had a worker, and none answers. */
  readonly missing: readonly number[];
}

/** What the `workers` command says of itself in the state directory. */
interface StandingRecord {
  readonly pid: number;
  readonly ports: readonly number[];
}

/** Asks the ports from `firstPort` on, and those that a running `workers` command has named. */
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

/** Says which workers this process has started, until the answer is called. */
export function announceWorkers(workspace: Workspace, ports: readonly number[]): () => void {
  writeWhole(workspace.standing, `${JSON.stringify({ pid: process.pid, ports } satisfies StandingRecord)}\n`);
  return () => rmSync(workspace.standing, { force: true });
}

/** The ports that a `workers` command has announced, where it still runs. */
function readAnnounced(workspace: Workspace): readonly number[] {
  const text = readIfThere(workspace.standing);
  if (text === undefined) return [];
  const { pid, ports } = JSON.parse(text) as StandingRecord;
  try {
    process.kill(pid, 0);
    return ports;
  } catch {
    return [];
  }
}

/** A worker that is busy may be free in a moment; where it refuses an attempt then, it is replaced. */
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

/** Whether anybody listens. Mostly nobody does, and then the HTTP client, half of what a driver loads, can come later. */
function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: HOST, port, timeout: ANSWER_MS });
    const end = (open: boolean): void => {
      resolve(open);
      socket.destroy();
    };
    socket
      .once('connect', () => end(true))
      .once('error', () => end(false))
      .once('timeout', () => end(false));
  });
}

// Plans a run: how many tasks and workers it has, and where its workers come from.

import { randomBytes } from 'node:crypto';
import { availableParallelism } from 'node:os';

import type { Workspace } from '../workspace/paths.ts';
import { runsInHistory } from '../workspace/run-history.ts';
import { findWorkers, type FoundWorkers } from './crew/discovery.ts';
import { type InputFile, totalBytes } from './inputs/inputs.ts';
import { LAST_PORT } from '../wire/address.ts';
import { checkPorts } from './crew/port-checks.ts';
import type { Unfinished } from './resume/unfinished-run.ts';

/** Without -N: the most bytes that a map task reads. Its keys then fit the buffer of a map task. */
const CHUNK_BYTES = 32 * 1024 * 1024;
/** Workers are looked for on at most this many ports, however many tasks there are. */
const MOST_PORTS = 256;

export interface RunCounts {
  /** N: the number of map tasks. Default: one per 32 MiB of input, at least two per worker. */
  readonly mapCount?: number | undefined;
  /** M: the number of reduce tasks. Default: one per worker. */
  readonly reduceCount?: number | undefined;
  /** The number of workers. Default: those that listen; if none does, one per core, but not more than there are tasks. */
  readonly workerCount?: number | undefined;
}

/** The number of tasks and workers of a run, and where its workers come from. */
export interface RunShape {
  readonly runId: string;
  /** The id of the run, with a part that no other driver of the run has. */
  readonly driverId: string;
  readonly mapCount: number;
  readonly reduceCount: number;
  readonly workerCount: number;
  readonly found: FoundWorkers;
  /** If this driver resumes a run: how many tasks were committed before. */
  readonly resumes: { readonly map: number; readonly reduce: number } | undefined;
}

export async function planRun(
  workspace: Workspace,
  token: string,
  firstPort: number,
  inputs: readonly InputFile[],
  asked: RunCounts,
  earlier: Unfinished | undefined,
): Promise<RunShape> {
  const { mapCount, reduceCount } = earlier ?? asked;
  const cores = availableParallelism();
  const most = Math.max(mapCount ?? 0, reduceCount ?? 0, asked.workerCount ?? 0) || cores;
  const portCount = Math.min(most, MOST_PORTS, LAST_PORT - firstPort + 1);
  const found = await findWorkers(workspace, token, firstPort, portCount);
  const bounded = mapCount === undefined || reduceCount === undefined ? cores : Math.min(most, cores);
  const there = found.listening.length === 0 ? 0 : found.listening.length + found.missing.length;
  const workerCount = asked.workerCount ?? (there || bounded);
  checkPorts(firstPort, workerCount);
  const runId = earlier?.id ?? newRunId(runsInHistory(workspace).at(-1));
  return {
    runId,
    driverId: `${runId}-${randomBytes(3).toString('hex')}`,
    mapCount: mapCount ?? workerCount * Math.max(2, roundsOf(inputs, workerCount)),
    reduceCount: reduceCount ?? workerCount,
    workerCount,
    found: { listening: found.listening.slice(0, workerCount), missing: found.missing },
    resumes: earlier === undefined ? undefined : { ...earlier.scheduler.state.committed },
  };
}

/** Makes an id, which begins with the current second. It sorts after all earlier ids, so the newest run is known by its name. */
export function newRunId(newest: string | undefined, nowMs = Date.now()): string {
  const id = runIdAt(nowMs);
  if (newest === undefined || id > newest) return id;
  // Another run has begun in this second, or the clock has been set back.
  const [, ...parts] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z/.exec(newest) ?? [];
  const [year = 0, month = 1, ...rest] = parts.map(Number);
  return runIdAt(Date.UTC(year, month - 1, ...rest) + 1000);
}

function runIdAt(ms: number): string {
  return `${new Date(ms).toISOString().replace(/[-:]|\.\d+/g, '')}-${randomBytes(3).toString('hex')}`;
}

/** How many map tasks each worker gets at least. With several each, all workers finish at about the same time. */
function roundsOf(inputs: readonly InputFile[], workerCount: number): number {
  return Math.ceil(totalBytes(inputs) / (CHUNK_BYTES * workerCount));
}

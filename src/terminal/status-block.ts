// Describes how a run stands in a few lines, for a pipe or a log file, in which nothing can be redrawn.

import { healthText } from '../view/attempt-health.ts';
import type { Moment, WorkerMoment } from '../view/moment.ts';
import { bytesText, durationText } from '../view/numbers.ts';
import { waitingText } from '../view/waiting.ts';
import { processText, WORKER_STATES, workersText, workerState } from '../view/worker-text.ts';
import { chooseWorkers } from './choose-workers.ts';
import { incidentsText, paceTexts } from './moment-texts.ts';

/** If there are more workers, the others are counted. Workers in trouble come first. */
const MOST_WORKERS = 16;

export function statusBlock(moment: Moment): string[] {
  const incidents = incidentsText(moment);
  const workers = workersText(moment.workers);
  return [
    `after ${durationText(moment.atMs)}: ${workers}${incidents === '' ? '' : `; ${incidents}`}`,
    phaseLine('map', moment),
    phaseLine('reduce', moment),
    ...workerLines(moment),
    `  ${waitingText(moment)}`,
  ];
}

function phaseLine(kind: 'map' | 'reduce', moment: Moment): string {
  const { waiting, running, committed, failed } = moment.phases[kind];
  const counts = `${waiting} waiting, ${running} running, ${committed} committed, ${failed} failed`;
  return `  ${kind.padEnd(6)}  ${[counts, ...(moment.phase === kind ? paceTexts(moment, kind) : [])].join(', ')}`;
}

function workerLines(moment: Moment): string[] {
  const shown = chooseWorkers(moment, MOST_WORKERS);
  const width = Math.max(0, ...shown.map(({ row: { name } }) => name.length));
  const rest = moment.workers.filter((worker) => !shown.includes(worker));
  return [
    ...shown.map((worker) => `  ${worker.row.name.padEnd(width)}  ${workerText(worker, moment)}`),
    ...(rest.length === 0 ? [] : [`  and ${workersText(rest)}`]),
  ];
}

/** `busy with map-3.1, 12.3 MB read, running for 3.0 s; seen 1.0 s ago, process 4711` */
function workerText(worker: WorkerMoment, moment: Moment): string {
  const { attempt, row } = worker;
  const state = WORKER_STATES[workerState(worker)];
  const seen =
    row.lastSeenMs === undefined
      ? 'not seen yet'
      : `seen ${durationText(Math.max(0, moment.atMs - row.lastSeenMs))} ago`;
  const process = processText(worker);
  const where = process === '' ? '' : `, ${process}`;
  if (attempt === undefined) return `${state}; ${seen}${where}`;
  return `${state} with ${attempt.id}, ${bytesText(attempt.bytes)} read, ${healthText(moment, attempt)}; ${seen}${where}`;
}

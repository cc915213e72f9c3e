// How a run stands, in a few lines: for who reads along in a pipe or a log, where nothing can be drawn again.

import type { RunState, WorkerSlot } from '../scheduler/state.ts';
import { Pace } from '../view/pace.ts';
import { paceTexts, processText, progressOf, STATES, troubleText, workersText } from '../view/progress.ts';
import type { Trouble } from '../view/trouble.ts';
import { howText, silentMs, waitText } from '../view/waits.ts';
import { worthShowing } from './worth-showing.ts';
import { bytesText, durationText } from '../view/numbers.ts';

/** More workers than these are counted; those that are not well come first. */
const MOST_WORKERS = 16;

export class StatusBlock {
  readonly #startMs: number;
  readonly #paces = { map: new Pace(), reduce: new Pace() };

  constructor(startMs: number) {
    this.#startMs = startMs;
  }

  /** The lines for a time. The pace is that since the block before. */
  lines(state: RunState, trouble: Trouble, nowMs: number): string[] {
    const happened = troubleText(trouble, state.backups.started);
    const wait = waitText(state, nowMs);
    return [
      `after ${durationText(nowMs - this.#startMs)}: ${workersText(state.workers)}${happened === '' ? '' : `; ${happened}`}`,
      this.#phaseLine('map', state, nowMs),
      this.#phaseLine('reduce', state, nowMs),
      ...workerLines(state, nowMs),
      ...(wait === undefined ? [] : [`  ${wait}`]),
    ];
  }

  #phaseLine(kind: 'map' | 'reduce', state: RunState, nowMs: number): string {
    const progress = progressOf(state.tasks[kind]);
    const { pending, running, completed, failed, done } = progress;
    const counts = `${pending} pending, ${running} running, ${completed} completed, ${failed} failed`;
    const isNow = state.phase === kind;
    if (isNow) this.#paces[kind].add(nowMs, done);
    return `  ${kind.padEnd(6)}  ${[counts, ...(isNow ? paceTexts(progress, this.#paces[kind]) : [])].join(', ')}`;
  }
}

function workerLines(state: RunState, nowMs: number): string[] {
  const slots = [...state.workers.values()];
  const shown = worthShowing(slots, MOST_WORKERS, state, nowMs);
  const width = Math.max(0, ...shown.map(({ name }) => name.length));
  const rest = slots.filter((slot) => !shown.includes(slot));
  return [
    ...shown.map((slot) => `  ${slot.name.padEnd(width)}  ${workerText(slot, state, nowMs)}`),
    ...(rest.length === 0 ? [] : [`  and ${workersText(new Map(rest.map((slot) => [slot.id, slot])))}`]),
  ];
}

/** `busy with map-3.1, 12.3 MB read, running for 3 s; seen 1 s ago, process 4711` */
function workerText(slot: WorkerSlot, state: RunState, nowMs: number): string {
  const attempt = slot.attempt === undefined ? undefined : state.open.get(slot.attempt);
  const seen = slot.lastSeenMs === undefined ? 'not seen yet' : `seen ${durationText(nowMs - slot.lastSeenMs)} ago`;
  const process = processText(slot);
  const where = process === '' ? '' : `, ${process}`;
  if (attempt === undefined) return `${STATES[slot.state]}; ${seen}${where}`;
  const how = howText(attempt, silentMs(attempt, state, nowMs), nowMs);
  return `${STATES[slot.state]} with ${attempt.id}, ${bytesText(attempt.bytes)} read, ${how}; ${seen}${where}`;
}

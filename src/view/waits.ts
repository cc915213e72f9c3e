// What a run waits for, in a sentence: `reduce-0 waits for map-17 on worker 2, silent for 4 s`.

import type { OpenAttempt, RunState, Task } from '../scheduler/state.ts';
import { durationText, plural } from './numbers.ts';

/** Workers speak once a second; a little more is no silence. */
const SILENCE_MS = 2000;
const STANDSTILL_MS = 5000;

/** Undefined where there is nothing to wait for. */
export function waitText(state: RunState, nowMs: number): string | undefined {
  if (state.phase === 'ended') return undefined;
  if (state.closing.isVerifying && state.phase === 'chunk')
    return 'the run waits for a look at the files that an earlier driver left';
  if (!state.areChunksWritten) return 'map waits for its chunks';
  const kind = state.phase === 'reduce' ? 'reduce' : 'map';
  const tasks = state.tasks[kind];
  const waiting = tasks.filter((task) => task.state === 'waiting');
  if (waiting.length > 0) return queueText(waiting, state);
  const slowest = longest(state.open, nowMs, state);
  if (slowest === undefined) return undefined;
  const others = state.open.size - 1;
  const more = others === 0 ? '' : `, and for ${plural(others, 'other attempt')}`;
  const who = kind === 'reduce' ? 'the output' : state.tasks.reduce.length === 1 ? 'reduce-0' : 'reduce';
  return `${who} waits for ${attemptText(slowest, state, nowMs)}${more}`;
}

/** How an attempt goes: on which worker, and whether that speaks. */
function attemptText(attempt: OpenAttempt, state: RunState, nowMs: number): string {
  const slot = state.workers.get(attempt.worker);
  const name = slot?.name ?? `worker ${attempt.worker}`;
  return `${attempt.task.id} on ${name}, ${howText(attempt, silentMs(attempt, state, nowMs), nowMs)}`;
}

/** `silent for 4 s`, `without progress for 7 s` or `running for 3 s` */
export function howText(attempt: OpenAttempt, silenceMs: number, nowMs: number): string {
  const stillMs = nowMs - attempt.progressMs;
  if (silenceMs >= SILENCE_MS) return `silent for ${durationText(silenceMs)}`;
  if (stillMs >= STANDSTILL_MS) return `without progress for ${durationText(stillMs)}`;
  return `running for ${durationText(nowMs - attempt.startMs)}`;
}

/** How long nothing was heard of an attempt. */
export function silentMs(attempt: OpenAttempt, state: RunState, nowMs: number): number {
  return nowMs - Math.max(state.workers.get(attempt.worker)?.lastSeenMs ?? 0, attempt.startMs);
}

export function isSilent(attempt: OpenAttempt, state: RunState, nowMs: number): boolean {
  return silentMs(attempt, state, nowMs) >= SILENCE_MS;
}

/** The attempt that has been silent for longest; among those that speak, the one that has run for longest. */
function longest(open: RunState['open'], nowMs: number, state: RunState): OpenAttempt | undefined {
  const silence = (attempt: OpenAttempt): number => {
    const ms = silentMs(attempt, state, nowMs);
    return ms >= SILENCE_MS ? ms : 0;
  };
  return [...open.values()].sort((a, b) => silence(b) - silence(a) || a.startMs - b.startMs)[0];
}

function queueText(waiting: readonly Task[], { workers }: RunState): string {
  const [first] = waiting;
  const others = waiting.length - 1;
  const who = others === 0 ? `${first!.id} waits` : `${first!.id} and ${plural(others, 'other task')} wait`;
  if (waiting.every((task) => task.lacksChunk)) return `${who} for chunks that are written again`;
  const slots = [...workers.values()];
  if (slots.some(({ state }) => state === 'busy' || state === 'stopping')) return `${who} for a worker that is free`;
  const starting = slots.filter(({ state }) => state === 'away');
  if (starting.length === 1) return `${who} for ${starting[0]!.name} to start`;
  return `${who} for ${starting.length === 0 ? 'workers' : `${starting.length} workers to start`}`;
}

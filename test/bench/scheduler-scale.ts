// Measures what an event costs the scheduler alone: in runs of 1,000 to 100,000 tasks on the same workers, then on up to 10,000.

import type { Command, Event } from '../../src/scheduler/events.ts';
import { Scheduler } from '../../src/scheduler/scheduler.ts';

const SHAPES = [
  { tasks: 1000, workers: 100 },
  { tasks: 10_000, workers: 100 },
  { tasks: 100_000, workers: 100 },
  { tasks: 100_000, workers: 10_000 },
];
const ROUNDS = 5;
const NOTHING = {
  recordsIn: 1,
  bytesIn: 1,
  recordsOut: 1,
  bytesOut: 1,
  spills: 0,
  checksum: 0,
  partitionBytes: [],
  counters: [],
};

for (const { tasks } of SHAPES) play(tasks, 100);
for (const { tasks, workers } of SHAPES) {
  const rounds = Array.from({ length: ROUNDS }, () => play(tasks, workers)).sort((a, b) => a.eventUs - b.eventUs);
  const { eventUs, events } = rounds[ROUNDS >> 1]!;
  process.stdout.write(
    `${tasks.toLocaleString('en')} tasks on ${workers.toLocaleString('en')} workers: ${eventUs.toFixed(2)} µs per event ` +
      `(${events.toLocaleString('en')} events, median of ${ROUNDS})\n`,
  );
}

/** Plays a run in which one attempt in 97 is lost with its worker, and another one fails. */
function play(tasks: number, workers: number): { eventUs: number; events: number } {
  const limits = { maxAttempts: 4, maxRespawns: 1e9, taskTimeoutMs: 1e9, backup: true, skipBadRecords: 0 };
  const mapCount = Math.ceil(tasks * 0.9);
  const scheduler = new Scheduler({ ...limits, mapCount, reduceCount: tasks - mapCount, workerCount: workers });
  let todo: Event[] = [{ type: 'chunks-written', bytes: [] }];
  for (let worker = 1; worker <= workers; worker++) todo.push({ type: 'worker-ready', worker, url: '', pid: worker });
  let [events, started, nowMs] = [0, 0, 0];
  const obey = (command: Command): void => {
    if (command.type === 'commit') todo.push({ type: 'task-committed', attempt: command.attempt });
    if (command.type === 'respawn-worker') todo.push({ type: 'worker-ready', worker: command.worker, url: '', pid: 1 });
    if (command.type !== 'start-attempt') return;
    const { attempt, worker } = command;
    started++;
    todo.push({ type: 'attempt-progressed', attempt, records: 1, bytes: 1 });
    if (started % 97 === 1)
      todo.push({ type: 'worker-lost', worker, cause: { message: 'x', reached: true, stderr: [] } });
    else if (started % 97 === 2) todo.push({ type: 'attempt-failed', attempt, failure: { kind: 'job', message: 'x' } });
    else todo.push({ type: 'attempt-succeeded', attempt, report: NOTHING });
  };
  const startMs = performance.now();
  // Events are not kept: the garbage collector would have to look through a list of all of them.
  while (todo.length > 0) {
    const told = todo;
    todo = [];
    for (const event of told) for (const command of scheduler.handle(event, (nowMs += 0.01))) obey(command);
    events += told.length;
  }
  if (scheduler.state.committed.reduce !== tasks - mapCount)
    throw new Error('expected a run that is done, found one that is not');
  return { eventUs: ((performance.now() - startMs) * 1000) / events, events };
}

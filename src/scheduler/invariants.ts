// Checks what must always be true of the state of a run.

import type { RunState } from './state.ts';

/** @throws Error if `isTrue` is false, which is a bug of ours. `sentence` says what should be true */
export function must(isTrue: boolean, sentence: string): void {
  if (!isTrue) throw new Error(`invariant: ${sentence}`);
}

/**
 * Checks that the whole state is consistent. Takes time in proportion to the tasks, so it is called when a phase begins or
 * ends; what a single event changes is checked where it is changed.
 */
export function checkState({ tasks, workers, open, committed, phase }: RunState): void {
  for (const kind of ['map', 'reduce'] as const) {
    let count = 0;
    for (const task of tasks[kind]) {
      if (task.state === 'committed') count++;
      must(
        (task.state === 'running') === task.open.length > 0 || phase === 'ended',
        `${task.id} runs while it has an attempt`,
      );
      must(task.open.length <= 2, `${task.id} has at most a backup attempt beside its first`);
      must(task.state !== 'committed' || task.report !== undefined, `${task.id} is committed with a report`);
      for (const attempt of task.open)
        must(open.get(attempt.id) === attempt, `${attempt.id} is open in its task and in all`);
    }
    must(count === committed[kind], `${committed[kind]} ${kind} tasks are committed`);
  }
  for (const { id, task, worker, report } of open.values()) {
    must(
      task.open.some((attempt) => attempt.id === id),
      `${id} is one of the attempts of ${task.id}`,
    );
    must(report !== undefined || workers.get(worker)?.attempt === id, `worker ${worker} has ${id}`);
  }
  for (const { name, attempt, state } of workers.values()) {
    must((state !== 'busy' && state !== 'stopping') || attempt !== undefined, `${name} is ${state} with an attempt`);
    must(state !== 'idle' || attempt === undefined, `${name} is idle without one`);
  }
  if (phase === 'reduce')
    must(committed.map === tasks.map.length, 'all map tasks are committed while reduce tasks run');
}

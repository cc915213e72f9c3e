// Checks that the counters of the run are the sums over the attempts whose files are committed, and over no others.

import type { RunState, Task } from '../../../src/scheduler/state.ts';
import type { Files } from '../world/files.ts';
import { type Checker, hold, type Scene } from './checker.ts';

export function counters(): Checker {
  return {
    name: 'counters',
    // Per task when it is committed, and for all tasks at the end.
    saw: ({ event, commands }, scene) => {
      if (event.type === 'task-committed') checkTask(event.attempt, scene);
      if (commands.some((command) => command.type === 'end' && command.outcome.state === 'done')) {
        const said = sumOf(allTasks(scene.state).map(({ report }) => report?.counters ?? []));
        const counted = sumOf(winners(scene.state, scene.files));
        hold(said === counted, () => `the winners counted ${counted}, and the run reports ${said}`);
        for (const { id, index, bytes } of scene.state.tasks.reduce) checkBytes(id, index, bytes, scene);
      }
    },
  };
}

function checkTask(attempt: string, { state, files }: Scene): void {
  const task = allTasks(state).find(({ winner, state }) => winner === attempt && state === 'committed');
  if (task === undefined) return;
  const said = sumOf([task.report?.counters ?? []]);
  const counted = sumOf([files.committed(task.id)?.report.counters ?? []]);
  hold(said === counted, () => `${task.id} says ${said}, and ${attempt} counted ${counted}`);
}

/** Checks that the bytes a reduce task has to read are those that the winners have written for it. */
function checkBytes(id: string, index: number, said: number | undefined, { state, files }: Scene): void {
  const written = state.tasks.map.map(({ id }) => files.committed(id)?.report.partitionBytes[index] ?? 0);
  const sum = written.reduce((sum, bytes) => sum + bytes, 0);
  hold(said === sum, () => `${sum} bytes were written for ${id}, and the report is ${said}`);
}

function allTasks({ tasks }: RunState): Task[] {
  return [...tasks.map, ...tasks.reduce];
}

function winners(state: RunState, files: Files): (readonly [string, number][])[] {
  return allTasks(state).map(({ id }) => files.committed(id)?.report.counters ?? []);
}

/** Returns a text such as `attempts 4, mark 1204`. */
function sumOf(counters: readonly (readonly [string, number][])[]): string {
  const sums = new Map<string, number>();
  for (const [name, count] of counters.flat()) sums.set(name, (sums.get(name) ?? 0) + count);
  return Array.from(sums, ([name, count]) => `${name} ${count}`)
    .toSorted()
    .join(', ');
}

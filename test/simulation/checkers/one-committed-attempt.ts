// Checks that a task has one file, written by one of its attempts: it is committed once, unless it was discarded in between, and
// a driver that continues the run identifies it correctly.

import type { TaskId } from '../../../src/task-ids.ts';
import { taskOf } from '../world/job.ts';
import { type Checker, hold } from './checker.ts';

export function oneCommittedAttempt(): Checker {
  const committed = new Set<TaskId>();
  return {
    name: 'one committed attempt',
    saw: ({ event, commands }, { state }) => {
      // Its file has been removed again.
      if (event.type === 'commit-failed' && state.phase !== 'ended') committed.delete(taskOf(event.attempt));
      for (const command of commands) if (command.type === 'discard') committed.delete(command.task);
    },
    renamed: ({ attempt }, task, { state }) => {
      hold(taskOf(attempt) === task, () => `${attempt} was committed as ${task}`);
      hold(!committed.has(task), () => `${attempt} was committed, though ${task} had been`);
      hold(state.phase === 'ended' || state.open.has(attempt), () => `${attempt} was committed, and is not open`);
      committed.add(task);
    },
    settled: ({ state }) => {
      // Small runs are checked as a whole. Large ones are checked when a driver continues.
      if (state.tasks.map.length + state.tasks.reduce.length > 20) return;
      for (const { id, state: is } of [...state.tasks.map, ...state.tasks.reduce]) {
        hold(is !== 'committed' || committed.has(id), () => `${id} is reported as committed, and is not`);
      }
    },
    resumed: ({ state, files }) => {
      committed.clear();
      for (const { id, state: is, winner } of [...state.tasks.map, ...state.tasks.reduce]) {
        if (is !== 'committed') continue;
        committed.add(id);
        const content = files.committed(id);
        // A file that is missing, or was made again since, is found when it is checked.
        const isThere = files.condition(id) === 'whole';
        hold(
          !isThere || content?.attempt === winner,
          () => `${id} is reported to be of ${winner}, and is of ${content?.attempt}`,
        );
      }
    },
  };
}

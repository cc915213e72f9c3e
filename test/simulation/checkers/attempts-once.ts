// Checks that no attempt begins twice, even after the death of a driver, and that a task has at most one attempt and its backup, never
// both on one worker.

import type { AttemptId } from '../../../src/task-ids.ts';
import { type Checker, hold, startsIn } from './checker.ts';

export function attemptsOnce(): Checker {
  const begun = new Set<AttemptId>();
  return {
    name: 'attempts once',
    saw: ({ commands }, { state }) => {
      for (const { attempt, task: id, backup } of startsIn(commands)) {
        hold(!begun.has(attempt), () => `${attempt} begins again`);
        begun.add(attempt);
        const open = state.open.get(attempt)?.task.open ?? [];
        hold(open.length > 0 && open.length <= 2, () => `${id} has ${open.length} attempts where ${attempt} begins`);
        hold(
          backup === (open.length === 2),
          () => `${attempt} is ${backup ? 'a' : 'no'} backup of ${open.length} attempts`,
        );
      }
    },
    // An attempt that a machine's death removed from the journal may begin again: attempts of another driver write under other names.
    resumed: (_, history) => {
      begun.clear();
      for (const { commands } of history) for (const { attempt } of startsIn(commands)) begun.add(attempt);
    },
  };
}

// No attempt begins twice, also not after the death of a driver; a task has one attempt, or one and its backup, and never
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
    // What a machine took of the journal may begin again: another driver's attempts write under other names.
    resumed: (_, history) => {
      begun.clear();
      for (const { commands } of history) for (const { attempt } of startsIn(commands)) begun.add(attempt);
    },
  };
}

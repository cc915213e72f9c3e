// Checks that no reduce attempt that is still open reads a map output other than the committed one, not even from memory, and that none
// begins before all map outputs are committed.

import { taskOf } from '../world/job.ts';
import { type Checker, hold, startsIn } from './checker.ts';

export function committedReads(): Checker {
  return {
    name: 'committed reads',
    saw: ({ commands }, { state, plan }) => {
      for (const { task, attempt } of startsIn(commands)) {
        if (task.startsWith('map')) continue;
        const { map } = state.committed;
        hold(map === plan.options.mapCount, () => `${attempt} begins when only ${map} map tasks are committed`);
      }
    },
    read: (reader, { attempt }, { state, files }) => {
      const open = state.open.get(reader);
      if (open === undefined || open.report !== undefined) return;
      const id = taskOf(attempt);
      const task = state.tasks.map[Number(id.slice('map-'.length))]!;
      hold(task.state === 'committed', () => `${reader} reads ${attempt}, and ${id} is ${task.state}`);
      hold(task.winner === attempt, () => `${reader} reads ${attempt}, and ${task.winner} was committed`);
      const file = files.committed(id)?.attempt;
      hold(file === attempt, () => `${reader} reads ${attempt}, and the file of ${id} is of ${file}`);
    },
  };
}

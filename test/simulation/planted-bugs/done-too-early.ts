import type { PlantedBug } from './planted-bug.ts';

export const doneTooEarly: PlantedBug = {
  says: 'the run is done when the last reduce task has answered, before its file is in place',
  handle: (tell, event, { tasks, committed, open }) => {
    const commands = tell(event);
    const isLast = event.type === 'attempt-succeeded' && committed.reduce === tasks.reduce.length - 1;
    if (!isLast || open.get(event.attempt)?.task.kind !== 'reduce') return commands;
    return [...commands, { type: 'end', outcome: { state: 'done', skipped: [] } }];
  },
};

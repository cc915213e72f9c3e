import type { PlantedBug } from './planted-bug.ts';

export const failedCommitUncounted: PlantedBug = {
  says: 'a failed commit does not count as a failure of its task',
  handle: (tell, event, { open }) => {
    const task = event.type === 'commit-failed' ? open.get(event.attempt)?.task : undefined;
    const failures = task?.failures ?? 0;
    const commands = tell(event);
    if (task !== undefined) task.failures = failures;
    return commands;
  },
};

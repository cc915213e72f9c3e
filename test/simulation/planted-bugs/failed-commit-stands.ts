import type { PlantedBug } from './planted-bug.ts';

export const failedCommitStands: PlantedBug = {
  says: 'a task counts as committed although the commit has failed',
  handle: (tell, event) =>
    tell(event.type === 'commit-failed' ? { type: 'task-committed', attempt: event.attempt } : event),
};

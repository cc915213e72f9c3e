import type { PlantedBug } from './planted-bug.ts';

export const outdatedCommitStands: PlantedBug = {
  says: 'a reduce task stays committed if a map output that it has read was made again with other bytes before its commit',
  handle: (tell, event, { open }) => {
    const attempt = event.type === 'task-committed' ? open.get(event.attempt) : undefined;
    if (attempt !== undefined) attempt.isOutdated = false;
    return tell(event);
  },
};

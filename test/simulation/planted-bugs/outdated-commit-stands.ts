import type { PlantedBug } from './planted-bug.ts';

export const outdatedCommitStands: PlantedBug = {
  says: 'a reduce task stands that is committed after a map output that it has read was made again, as another one',
  handle: (tell, event, { open }) => {
    const attempt = event.type === 'task-committed' ? open.get(event.attempt) : undefined;
    if (attempt !== undefined) attempt.isOutdated = false;
    return tell(event);
  },
};

import type { PlantedBug } from './planted-bug.ts';

export const ticksLeaveATrace: PlantedBug = {
  says: 'the passing of time, which is not in the journal, changes the state',
  handle: (tell, event, { workers }) => {
    if (event.type === 'ticked') for (const slot of workers.values()) slot.lastSeenMs = 1;
    return tell(event);
  },
};

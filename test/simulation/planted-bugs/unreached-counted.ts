import type { PlantedBug } from './planted-bug.ts';

export const unreachedCounted: PlantedBug = {
  says: 'an attempt that never began counts as lost',
  handle: (tell, event) =>
    tell(event.type === 'worker-lost' ? { ...event, cause: { ...event.cause, reached: true } } : event),
};

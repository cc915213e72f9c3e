import type { PlantedBug } from './planted-bug.ts';

export const heartbeatsAreProgress: PlantedBug = {
  says: 'an attempt that says again where it is counts as one that goes on',
  handle: (tell, event, { open }) => {
    if (event.type !== 'attempt-progressed') return tell(event);
    return tell({ ...event, records: (open.get(event.attempt)?.records ?? 0) + 1 });
  },
};

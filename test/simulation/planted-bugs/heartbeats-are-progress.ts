import type { PlantedBug } from './planted-bug.ts';

export const heartbeatsAreProgress: PlantedBug = {
  says: 'a repeated report of the same place counts as progress',
  handle: (tell, event, { open }) => {
    if (event.type !== 'attempt-progressed') return tell(event);
    return tell({ ...event, records: (open.get(event.attempt)?.records ?? 0) + 1 });
  },
};

import type { PlantedBug } from './planted-bug.ts';

export const absenceCounted: PlantedBug = {
  says: 'time in which the driver did not run makes attempts look slow',
  handle: (tell, event) => (event.type === 'driver-absent' ? [] : tell(event)),
};

import { changeEach, type PlantedBug } from './planted-bug.ts';

export const generationStays: PlantedBug = {
  says: 'workers are not notified that a map output has been made again',
  handle: (tell, event) => changeEach(tell(event), 'start-attempt', (start) => ({ ...start, generation: 0 })),
};

import type { PlantedBug } from './planted-bug.ts';

export const timeStandsStill: PlantedBug = {
  says: 'nobody notices that time passes: an attempt without progress goes on for ever',
  handle: (tell, event) => (event.type === 'ticked' ? [] : tell(event)),
};

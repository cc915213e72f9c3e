import type { PlantedBug } from './planted-bug.ts';

export const timeStandsStill: PlantedBug = {
  says: 'the passing of time is ignored: an attempt without progress continues for ever',
  handle: (tell, event) => (event.type === 'ticked' ? [] : tell(event)),
};

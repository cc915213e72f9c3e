import { changeEach, type PlantedBug } from './planted-bug.ts';

export const restartsAtOnce: PlantedBug = {
  says: 'a worker that is lost repeatedly is restarted at once each time',
  handle: (tell, event) => changeEach(tell(event), 'respawn-worker', (command) => ({ ...command, delayMs: 0 })),
};

import type { PlantedBug } from './planted-bug.ts';

export const respawnAfterTheEnd: PlantedBug = {
  says: 'a worker that is lost after the end of the run is restarted',
  handle: (tell, event, { phase }) => {
    const commands = tell(event);
    if (phase !== 'ended' || event.type !== 'worker-lost') return commands;
    return [{ type: 'respawn-worker', worker: event.worker, restart: 1, delayMs: 0 }];
  },
};

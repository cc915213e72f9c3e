import type { PlantedBug } from './planted-bug.ts';

export const restartsForgotten: PlantedBug = {
  says: 'a worker that listens again gets all its restarts back',
  handle: (tell, event, { workers }) => {
    const commands = tell(event);
    const slot = event.type === 'worker-ready' ? workers.get(event.worker) : undefined;
    if (slot !== undefined) slot.restarts = 0;
    return commands;
  },
};

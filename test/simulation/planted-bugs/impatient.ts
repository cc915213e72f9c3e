import type { PlantedBug } from './planted-bug.ts';

export const impatient: PlantedBug = {
  says: 'an attempt is cancelled after its second report without progress, whatever the time limit',
  handle: (tell, event, { open }) => {
    const commands = tell(event);
    for (const attempt of open.values()) if (attempt.stalledMs > 0) attempt.stalledMs += 60_000;
    return commands;
  },
};

import type { PlantedBug } from './planted-bug.ts';

export const freeBeforeItStopped: PlantedBug = {
  says: 'a worker counts as idle when its attempt is cancelled, before it has stopped',
  handle: (tell, event) => {
    const commands = tell(event);
    const cancels = commands.filter((command) => command.type === 'cancel-attempt');
    return [
      ...commands,
      ...cancels.flatMap(({ attempt, worker }) => tell({ type: 'attempt-cancelled', attempt, worker })),
    ];
  },
};

import { changeEach, type PlantedBug } from './planted-bug.ts';

export const workerGivenTwo: PlantedBug = {
  says: 'two attempts that begin at once are given to the same worker',
  handle: (tell, event) => {
    const commands = tell(event);
    const first = commands.find((command) => command.type === 'start-attempt');
    return changeEach(commands, 'start-attempt', (start) => ({ ...start, worker: first!.worker }));
  },
};

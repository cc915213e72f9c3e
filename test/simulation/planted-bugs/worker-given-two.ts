import { changeEach, type PlantedBug } from './planted-bug.ts';

export const workerGivenTwo: PlantedBug = {
  says: 'where two attempts begin at once, both are given to one worker',
  handle: (tell, event) => {
    const commands = tell(event);
    const first = commands.find((command) => command.type === 'start-attempt');
    return changeEach(commands, 'start-attempt', (start) => ({ ...start, worker: first!.worker }));
  },
};

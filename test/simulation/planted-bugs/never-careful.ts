import { changeEach, type PlantedBug } from './planted-bug.ts';

export const neverCareful: PlantedBug = {
  says: 'attempts do not note their records after one was lost with its worker',
  handle: (tell, event) => changeEach(tell(event), 'start-attempt', (command) => ({ ...command, careful: false })),
};

import type { PlantedBug } from './planted-bug.ts';

export const cancelForgotten: PlantedBug = {
  says: 'the attempt whose backup was first is not told to stop',
  handle: (tell, event) =>
    tell(event).filter((command) => command.type !== 'cancel-attempt' || command.reason !== 'won'),
};

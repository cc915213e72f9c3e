import type { PlantedBug } from './planted-bug.ts';

export const cancelForgotten: PlantedBug = {
  says: 'an attempt is not cancelled when its backup was first',
  handle: (tell, event) =>
    tell(event).filter((command) => command.type !== 'cancel-attempt' || command.reason !== 'won'),
};

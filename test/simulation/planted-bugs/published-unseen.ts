import type { PlantedBug } from './planted-bug.ts';

export const publishedUnseen: PlantedBug = {
  says: 'the results are published while their files are still being checked',
  handle: (tell, event, state) =>
    tell(event).flatMap((command) =>
      command.type === 'verify' && state.phase === 'reduce' ? [command, { type: 'publish', skipped: [] }] : [command],
    ),
};

import type { PlantedBug } from './planted-bug.ts';

export const doneBeforePublished: PlantedBug = {
  says: 'the run is done when its results are about to be published, before they are',
  handle: (tell, event) => {
    const commands = tell(event);
    const isPublishing = commands.some(({ type }) => type === 'publish');
    return isPublishing ? [...commands, ...tell({ type: 'published' })] : commands;
  },
};

import type { PlantedBug } from './planted-bug.ts';

export const committedBeforeTheRename: PlantedBug = {
  says: 'a task counts as committed when its attempt has answered, before its file is in place',
  handle: (tell, event) => {
    const commands = tell(event);
    const commit = commands.find((command) => command.type === 'commit');
    return commit === undefined
      ? commands
      : [...commands, ...tell({ type: 'task-committed', attempt: commit.attempt })];
  },
};

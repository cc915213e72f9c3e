import type { Command } from '../../../src/scheduler/events.ts';
import type { RunState } from '../../../src/scheduler/state.ts';
import type { PlantedBug } from './planted-bug.ts';

export const suspectsSkipped: PlantedBug = {
  says: 'a record is skipped after it has ended only one attempt',
  handle: (tell, event, state) => tell(event).map((command) => withSuspects(command, state)),
};

function withSuspects(command: Command, { open }: RunState): Command {
  if (command.type !== 'start-attempt') return command;
  const suspects = Array.from(open.get(command.attempt)?.task.suspects ?? [], (suspect) => {
    const [slice = 0, offset = 0] = suspect.split(':').map(Number);
    return { slice, offset };
  });
  return { ...command, skip: [...command.skip, ...suspects] };
}

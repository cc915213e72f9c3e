import type { PlantedBug } from './planted-bug.ts';

export const otherOutputIgnored: PlantedBug = {
  says: 'a map output that is made again with other bytes does not outdate the outputs that have read the first',
  handle: (tell, event, { open }) => {
    const attempt = event.type === 'task-committed' ? open.get(event.attempt) : undefined;
    const before = attempt?.task.report;
    if (before === undefined || attempt?.report === undefined || attempt.task.kind === 'reduce') return tell(event);
    const { report } = attempt;
    attempt.report = { ...report, checksum: before.checksum };
    const commands = tell(event);
    attempt.task.report = report;
    return commands;
  },
};

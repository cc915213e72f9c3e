import type { PlantedBug } from './planted-bug.ts';

export const lostAttemptsCounted: PlantedBug = {
  says: 'the counters of a lost attempt are added to those of its task',
  handle: (tell, event, { open }) => {
    const attempt = event.type === 'task-committed' ? open.get(event.attempt) : undefined;
    const report = attempt?.report;
    if (attempt !== undefined && report !== undefined && attempt.task.losses > 0) {
      attempt.report = { ...report, counters: report.counters.map(([name, count]) => [name, count * 2]) };
    }
    return tell(event);
  },
};

import type { PlantedBug } from './planted-bug.ts';
import { taskOf } from '../world/job.ts';

export const lateAnswerCommitted: PlantedBug = {
  says: 'an answer that comes late, or twice, is committed, too',
  handle: (tell, event, { open, phase }) => {
    const isLate = event.type === 'attempt-succeeded' && phase !== 'ended' && !open.has(event.attempt);
    const commands = tell(event);
    if (!isLate) return commands;
    const { attempt, report } = event;
    const file = { bytes: report.bytesOut, checksum: report.checksum };
    return [...commands, { type: 'commit', attempt, task: taskOf(attempt), ...file }];
  },
};

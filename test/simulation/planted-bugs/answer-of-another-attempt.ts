import type { PlantedBug } from './planted-bug.ts';
import { taskOf } from '../world/job.ts';

export const answerOfAnotherAttempt: PlantedBug = {
  says: 'the answer of a lost attempt is mistaken for the answer of the current attempt',
  handle: (tell, event, { open }) => {
    if (event.type !== 'attempt-succeeded' || open.has(event.attempt)) return tell(event);
    const task = taskOf(event.attempt);
    const now = open.values().find((attempt) => attempt.task.id === task);
    return tell(now === undefined ? event : { ...event, attempt: now.id });
  },
};

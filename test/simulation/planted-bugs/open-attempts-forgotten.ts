import type { OpenAttempt } from '../../../src/scheduler/state.ts';
import type { PlantedBug } from './planted-bug.ts';

export const openAttemptsForgotten: PlantedBug = {
  says: 'a driver that continues a run treats tasks with open attempts as running',
  handle: (tell, event, { open }) => {
    if (event.type === 'driver-resumed') {
      for (const { task } of open.values()) task.open.length = 0;
      (open as Map<string, OpenAttempt>).clear();
    }
    return tell(event);
  },
};

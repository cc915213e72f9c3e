import type { PlantedBug } from './planted-bug.ts';

export const numbersUsedAgain: PlantedBug = {
  says: 'a driver that continues a run uses the attempt numbers of open tasks again',
  handle: (tell, event, { open }) => {
    const tasks = new Set(Array.from(open.values(), ({ task }) => task));
    if (event.type === 'driver-resumed') for (const task of tasks) task.attempts--;
    return tell(event);
  },
};

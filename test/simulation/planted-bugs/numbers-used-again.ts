import type { PlantedBug } from './planted-bug.ts';

export const numbersUsedAgain: PlantedBug = {
  says: 'a driver that goes on numbers the attempts of open tasks as the one before did',
  handle: (tell, event, { open }) => {
    const tasks = new Set(Array.from(open.values(), ({ task }) => task));
    if (event.type === 'driver-resumed') for (const task of tasks) task.attempts--;
    return tell(event);
  },
};

import type { PlantedBug } from './planted-bug.ts';

export const failuresForgotten: PlantedBug = {
  says: 'the failures of a task are forgotten when one of its attempts is lost',
  handle: (tell, event, { workers, open }) => {
    const slot = event.type === 'worker-lost' ? workers.get(event.worker) : undefined;
    const task = open.get(slot?.attempt ?? 'map-0.0')?.task;
    if (task !== undefined) task.failures = 0;
    return tell(event);
  },
};

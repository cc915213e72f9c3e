// Turns what happens in a run into events for programs: a level, a message for people, and fields.

import type { RunEvent } from '../run-event.ts';
import { LogEntries } from '../view/log-entry.ts';
import type { LocalObserver } from './run-watch.ts';

/** Returns an observer of a job's run that passes on each event. */
export function runEvents(jobName: string, onEvent: (event: RunEvent) => void): Partial<LocalObserver> {
  const entries = new LogEntries();
  let runId = '';
  const pass = (level: RunEvent['level'], message: string, fields: { event: string; [field: string]: unknown }): void =>
    onEvent({ level, message, runId, ...fields });
  return {
    planned: (shape) => {
      runId = shape.runId;
      const { mapCount, reduceCount, workerCount } = shape;
      pass('info', `${jobName} begins`, { event: 'planned', job: jobName, mapCount, reduceCount, workerCount });
    },
    happened: (...what) => {
      for (const { level, message, fields } of entries.of(...what)) pass(level, message, fields);
    },
    workerPrinted: (worker, line) => pass('info', line, { event: 'worker-printed', worker }),
    portTaken: (worker, port, next) =>
      pass('info', `port ${port} is taken: worker ${worker} has ${next}`, { event: 'port-taken', worker, port, next }),
    listening: (url) => pass('info', `the driver listens at ${url}`, { event: 'listening', url }),
  };
}

// Combines several observers of a run into one.

import type { LocalObserver } from './run-watch.ts';

/** Returns an observer that passes every notification to each of these, in order. */
export function notifyInTurn(observers: readonly Partial<LocalObserver>[]): LocalObserver {
  const each = (notify: (observer: Partial<LocalObserver>) => void): void => {
    for (const observer of observers) notify(observer);
  };
  return {
    planned: (...what) => each((observer) => observer.planned?.(...what)),
    happened: (...what) => each((observer) => observer.happened?.(...what)),
    workerPrinted: (...what) => each((observer) => observer.workerPrinted?.(...what)),
    portTaken: (...what) => each((observer) => observer.portTaken?.(...what)),
    listening: (...what) => each((observer) => observer.listening?.(...what)),
    reported: (...what) => each((observer) => observer.reported?.(...what)),
    traced: (...what) => each((observer) => observer.traced?.(...what)),
  };
}

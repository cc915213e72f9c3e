// Chooses which workers to show if there is no room for all of them.

import { isSilent } from '../view/attempt-health.ts';
import type { Moment, WorkerMoment } from '../view/moment.ts';

/** At most `count` workers, in their order. Workers in trouble come before busy ones, and busy ones before idle ones. */
export function chooseWorkers(moment: Moment, count: number): readonly WorkerMoment[] {
  const { workers } = moment;
  if (workers.length <= count) return workers;
  const rank = ({ attempt, presence }: WorkerMoment): number => {
    if (attempt !== undefined) return isSilent(moment, attempt) ? 1 : 2;
    return presence === 'here' ? 3 : presence === 'gone' || presence === 'set-aside' ? 4 : 0;
  };
  return workers
    .map((worker) => ({ worker, rank: rank(worker) }))
    .sort((a, b) => a.rank - b.rank || a.worker.row.id - b.worker.row.id)
    .slice(0, count)
    .map(({ worker }) => worker)
    .sort((a, b) => a.row.id - b.row.id);
}

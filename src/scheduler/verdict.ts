// The retry policy: what the end of an attempt means for its task, by the class of the error.
//
//   lost                          free: but no task may lose more than maxRespawns workers
//   job, memory, timeout          the job's code: counts, until maxAttempts have failed; a record that did it twice may be
//                                 skipped, and what it cost is given back
//   system, refused               the machine: counts
//   corrupt                       free, if it is a file that this run can make again: at most MOST_DAMAGES times a task
//   usage, input                  never tried again

import type { AttemptFailure } from '../protocol.ts';
import { judgeRecord } from './bad-records.ts';
import type { AttemptEnd, RunLimits } from './events.ts';
import type { RunState, Task } from './state.ts';

/** The files of one task may be found damaged this many times: a disk with more damage is not fit for a run. */
export const MOST_DAMAGES = 4;

/** `used-up`: the task has no attempt left. `unusable`: no attempt could succeed. `too-many-skipped`: one more record would be. */
export type Verdict =
  | 'again'
  | 'skipped'
  | 'too-many-skipped'
  | 'chunk-damaged'
  | 'map-output-damaged'
  | 'used-up'
  | 'unusable';

export function verdictOn(task: Task, end: AttemptEnd, { limits, skippedCount, tasks }: RunState): Verdict {
  switch (end.kind) {
    case 'lost':
      return end.loss.reached ? countUnlessSkipped(task, end, limits, skippedCount) : 'again';
    case 'job':
    case 'memory':
    case 'timeout':
      return countUnlessSkipped(task, end, limits, skippedCount);
    case 'system':
    case 'refused':
      return countFailure(task, limits);
    case 'corrupt':
      if (isOwnChunk(task, end)) return 'chunk-damaged';
      return isMapOutput(task, end, tasks.map.length) ? 'map-output-damaged' : countFailure(task, limits);
    default:
      task.failures++;
      return 'unusable';
  }
}

/** The only file that a map task reads and that can be made again is its own chunk. */
function isOwnChunk(task: Task, { damaged }: AttemptFailure): boolean {
  return task.kind === 'map' && damaged?.file === 'chunk' && damaged.task === task.index;
}

/** A reduce task reads the outputs of the run's map tasks. No other file can be made again: damage to one counts as a failure. */
function isMapOutput(task: Task, { damaged }: AttemptFailure, mapCount: number): boolean {
  return task.kind === 'reduce' && damaged?.file === 'map-output' && damaged.task < mapCount;
}

function countUnlessSkipped(task: Task, end: AttemptEnd, limits: RunLimits, skippedCount: number): Verdict {
  const isLoss = end.kind === 'lost';
  if (isLoss) task.hasLost = true;
  const { skipBadRecords } = limits;
  const record = skipBadRecords > 0 ? judgeRecord(task, end, skippedCount < skipBadRecords) : 'counts';
  if (record === 'may-not') return 'too-many-skipped';
  if (record === 'skipped') {
    // Also the loss before the task ran carefully: that attempt was at this record, most likely.
    if (isLoss) task.losses = 0;
    else task.failures = Math.max(0, task.failures - 1);
    return 'skipped';
  }
  return isLoss ? countLoss(task, limits) : countFailure(task, limits);
}

function countFailure(task: Task, { maxAttempts, skipBadRecords }: RunLimits): Verdict {
  task.failures++;
  // A record is skipped after it has ended two attempts, so there has to be a second one.
  const most = skipBadRecords > 0 ? Math.max(2, maxAttempts) : maxAttempts;
  return task.failures < most ? 'again' : 'used-up';
}

function countLoss(task: Task, { maxRespawns }: RunLimits): Verdict {
  task.losses++;
  return task.losses <= maxRespawns ? 'again' : 'used-up';
}

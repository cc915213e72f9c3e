// Bad records: one that ends two attempts of a map task is left out by the next one.

import type { Place } from '../protocol.ts';
import type { AttemptEnd } from './events.ts';
import type { Task } from './state.ts';

/**
 * What an attempt's end at a record means: the first one `counts`, and makes the record a suspect; with the second the
 * record is `skipped`, and what the first one counted is to be given back; unless it `may-not` be.
 */
export function judgeRecord(task: Task, end: AttemptEnd, maySkip: boolean): 'counts' | 'skipped' | 'may-not' {
  const place = placeOf(end);
  if (task.kind !== 'map' || place === undefined || 'key' in place) return 'counts';
  const { file, slice, offset } = place;
  // An attempt that began before the record was skipped.
  if (task.skipped.some((skipped) => skipped.slice === slice && skipped.offset === offset)) return 'counts';
  const suspect = `${slice}:${offset}`;
  if (!task.suspects.has(suspect)) {
    task.suspects.add(suspect);
    return 'counts';
  }
  if (!maySkip) return 'may-not';
  task.suspects.delete(suspect);
  task.skipped.push({ task: task.id, file, slice, offset, cause: causeOf(end) });
  return 'skipped';
}

function placeOf(end: AttemptEnd): Place | undefined {
  return end.kind === 'lost' ? end.loss.place : end.place;
}

function causeOf(end: AttemptEnd): string {
  return end.kind === 'lost' ? `its worker was lost: ${end.loss.message}` : end.message;
}

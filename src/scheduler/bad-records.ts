// Judges bad records: a record that has ended two attempts of a map task is skipped by the next one.

import type { Place } from '../protocol.ts';
import type { AttemptEnd } from './events.ts';
import type { Task } from './state.ts';

/**
 * Judges the end of an attempt at a record. The first one `counts`, and makes the record a suspect. With the second the record
 * is `skipped`, and the first one no longer counts; unless no more records may be skipped (`may-not`).
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

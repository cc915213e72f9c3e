// The ids of tasks and attempts: their types, and functions that take an id apart.

export type TaskKind = 'map' | 'reduce';
/** `map-3`, `reduce-0` */
export type TaskId = `${TaskKind}-${number}`;
/** `map-3.1` is the first attempt of task `map-3`. */
export type AttemptId = `${TaskId}.${number}`;

/** The kind of a task, or of the task of an attempt. */
export function kindOf(id: TaskId | AttemptId): TaskKind {
  return id.startsWith('map') ? 'map' : 'reduce';
}

/** The index of a task among those of its kind, from 0 on: 3 for `map-3`, and for its attempt `map-3.1`. */
export function indexOf(id: TaskId | AttemptId): number {
  return Number.parseInt(id.slice(id.indexOf('-') + 1), 10);
}

/** The number of an attempt among those of its task, from 1 on: 2 for `map-3.2`. */
export function numberOf(attempt: AttemptId): number {
  return Number.parseInt(attempt.slice(attempt.lastIndexOf('.') + 1), 10);
}

/** The task of an attempt: `map-3` for `map-3.1`. */
export function taskOf(attempt: AttemptId): TaskId {
  return attempt.slice(0, attempt.lastIndexOf('.')) as TaskId;
}

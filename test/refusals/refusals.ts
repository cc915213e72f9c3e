// Lists the system calls that are refused, with errors and places: all calls that a run makes for its inputs and its state.

import { constants } from 'node:os';

type Role = 'driver' | 'worker';

export interface Refusal {
  readonly role: Role;
  /** The name in refuse.c. */
  readonly call: string;
  readonly error: string;
  /** The number of the call, from 1 on. */
  readonly nth: number;
  /** Whether one call in all processes is refused, or this and all later calls of each process. */
  readonly times: 'once' | 'ever';
  /** A part of the path of the file. `*`: the call is not about a file. */
  readonly path: string;
}

/** The errors with which each call can fail: because of a disk, a limit, a lack of memory, or missing rights. */
const ON_FILES: Readonly<Record<string, readonly string[]>> = {
  open: ['EMFILE', 'EIO', 'EACCES', 'ENFILE', 'ENOMEM', 'EROFS'],
  read: ['EIO'],
  write: ['ENOSPC', 'EIO', 'EDQUOT'],
  fsync: ['EIO', 'ENOSPC'],
  close: ['EIO', 'ENOSPC'],
  ftruncate: ['EIO'],
  chmod: ['EPERM'],
  stat: ['EIO', 'EACCES'],
  scandir: ['EMFILE', 'EIO', 'EACCES'],
  rename: ['EIO', 'ENOSPC', 'EACCES'],
  link: ['EIO', 'EPERM'],
  unlink: ['EIO', 'EACCES', 'EBUSY'],
  rmdir: ['EIO', 'EACCES', 'EBUSY'],
  mkdir: ['ENOSPC', 'EACCES', 'EIO', 'EROFS'],
  access: ['EIO', 'EACCES'],
  realpath: ['EIO', 'ENOMEM'],
  lock: ['ENOLCK', 'EIO'],
};
const ON_OTHERS: Readonly<Record<string, readonly string[]>> = {
  socket: ['EMFILE', 'ENOBUFS'],
  bind: ['EACCES', 'EADDRNOTAVAIL'],
  listen: ['ENOBUFS'],
  connect: ['EADDRNOTAVAIL', 'ENOBUFS'],
  accept: ['EMFILE'],
  fork: ['EAGAIN', 'ENOMEM'],
};
/** The folders of inputs and state in the directory of a trial. */
const PATHS = ['/files', '/texts'];

/** The calls to be refused one by one. A run has made all of them when no more calls of the kind are met. */
export interface Kind extends Omit<Refusal, 'nth' | 'error'> {
  readonly errors: readonly string[];
}

export function allKinds(): Kind[] {
  return (['driver', 'worker'] as const).flatMap((role) =>
    PATHS.map((path) => kindsOf(ON_FILES, role, path))
      .concat([kindsOf(ON_OTHERS, role, '*')])
      .flat(),
  );
}

function kindsOf(calls: Readonly<Record<string, readonly string[]>>, role: Role, path: string): Kind[] {
  return Object.entries(calls).flatMap(([call, errors]) =>
    (['once', 'ever'] as const).map((times) => ({ role, call, errors, times, path })),
  );
}

/** Returns the nth call of a kind, with one of its errors. */
export function refusalOf({ errors, ...kind }: Kind, nth: number, draw: number): Refusal {
  return { ...kind, nth, error: errors[draw % errors.length]! };
}

/** Returns the text that refuse.c parses. */
export function specOf({ role, call, error, nth, times, path }: Refusal): string {
  const number = (constants.errno as Readonly<Record<string, number>>)[error] ?? Number.NaN;
  return `${role} ${call} ${number} ${nth} ${times} ${path}`;
}

export function textOf({ role, call, error, nth, times, path }: Refusal): string {
  return `${error} on ${call} ${nth} of ${path} in the ${role}${times === 'ever' ? ', and from then on' : ''}`;
}

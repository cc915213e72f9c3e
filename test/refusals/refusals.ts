// Which calls to the operating system are refused, how, and where: all that a run makes for its inputs and its state.

import { constants } from 'node:os';

type Role = 'driver' | 'worker';

export interface Refusal {
  readonly role: Role;
  /** As refuse.c names it. */
  readonly call: string;
  readonly error: string;
  /** Which of the calls, from 1 on. */
  readonly nth: number;
  /** That one in all processes, or it and all after it in each. */
  readonly times: 'once' | 'ever';
  /** What the path of the file has in it. `*`: the call is about no file. */
  readonly path: string;
}

/** How each call is known to be refused: by a disk, a limit, a lack of memory, missing rights. */
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
/** Where inputs and state are, in the directory of a trial. */
const PATHS = ['/files', '/texts'];

/** Calls of which each may be refused: how many a run makes is seen when it makes no more. */
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

/** The nth call of a kind, with one of its errors. */
export function refusalOf({ errors, ...kind }: Kind, nth: number, draw: number): Refusal {
  return { ...kind, nth, error: errors[draw % errors.length]! };
}

/** As refuse.c reads it. */
export function specOf({ role, call, error, nth, times, path }: Refusal): string {
  const number = (constants.errno as Readonly<Record<string, number>>)[error] ?? Number.NaN;
  return `${role} ${call} ${number} ${nth} ${times} ${path}`;
}

export function textOf({ role, call, error, nth, times, path }: Refusal): string {
  return `${error} on ${call} ${nth} of ${path} in the ${role}${times === 'ever' ? ', and from then on' : ''}`;
}

// Describes a call that the machine refused: the file or the port, what was to be done with it, what was found, and the way
// out. Such an error is never a bug of ours, wherever it occurs.

import { getSystemErrorMessage } from 'node:util';

import { codeOf, MapReduceError, messageOf, SystemError } from '../errors.ts';

/** An error of Node about a call to the operating system. `path`, `dest`, `address` and `port` name the object of the call. */
interface SystemCallError extends Error {
  readonly code: string;
  readonly errno: number;
  readonly syscall: string;
  readonly path?: string;
  readonly dest?: string;
  readonly address?: string;
  readonly port?: number;
}

/** These mean that we called the system wrongly. */
const OUR_BUGS: ReadonlySet<string> = new Set(['EBADF', 'EFAULT', 'ENOTSOCK']);

/** The messages of V8 and Node if the system does not give memory. */
const NO_MEMORY = /allocation failed|(failed to|could not) allocate memory/i;

/**
 * Turns an error into the error to throw: a SystemError if the machine refused a call, or memory; any other error is returned
 * as it is. `path` names the file of the call, for errors of open files, which do not name it.
 */
export function refusedCall(error: unknown, path?: string): unknown {
  if (error instanceof MapReduceError) return error;
  const message = refusalText(error, path);
  return message === undefined ? error : new SystemError(message, { cause: error });
}

function refusalText(error: unknown, path: string | undefined): string | undefined {
  if (isSystemCallError(error)) return systemCallText(error, path);
  const code = codeOf(error);
  const about = path === undefined ? '' : `${path}: `;
  if (code === 'ERR_SQLITE_ERROR') return `${about}expected a lock, found: ${messageOf(error)}`;
  if (code === 'ERR_WORKER_INIT_FAILED')
    return `expected to start a thread, found: ${messageOf(error)}; ${adviceOn('EAGAIN')}`;
  // Node reports this also if it may not read the folder. Imports of a job never lead here.
  if (code === 'ERR_MODULE_NOT_FOUND')
    return `expected an installation that can be read, found: ${messageOf(error)}; ${DEFAULT_ADVICE}`;
  const isMemory = error instanceof RangeError && NO_MEMORY.test(error.message);
  return isMemory ? `expected memory, found: ${error.message}; ${adviceOn('ENOMEM')}` : undefined;
}

function isSystemCallError(error: unknown): error is SystemCallError {
  const { errno, syscall } = (error ?? {}) as Partial<SystemCallError>;
  const code = codeOf(error);
  return code !== undefined && typeof errno === 'number' && typeof syscall === 'string' && !OUR_BUGS.has(code);
}

function systemCallText(error: SystemCallError, openPath: string | undefined): string {
  const { code, syscall, path, dest, address, port } = error;
  const [name = syscall] = syscall.split(' ', 1);
  const what = path ?? (port === undefined ? address : `${address ?? ''}:${port}`) ?? openPath;
  const about = what === undefined ? '' : `${what}: `;
  const target = dest === undefined ? '' : ` ${dest}`;
  return `${about}expected to ${VERBS[name] ?? name}${target}, found ${meaningOf(error)} (${code}); ${adviceOn(code)}`;
}

/** The system's name for an error, such as `too many open files`. */
function meaningOf({ errno, message }: SystemCallError): string {
  // Some errors of Node have the number without its sign.
  return getSystemErrorMessage(-Math.abs(errno)) ?? message;
}

const VERBS: Readonly<Record<string, string>> = {
  access: 'use',
  bind: 'listen there',
  close: 'close it',
  connect: 'reach it',
  copyfile: 'copy it to',
  fdatasync: 'sync it',
  fstat: 'look at it',
  fsync: 'sync it',
  ftruncate: 'cut it',
  kill: 'signal a process',
  link: 'link it to',
  listen: 'listen there',
  lstat: 'look at it',
  mkdir: 'make this folder',
  open: 'open it',
  opendir: 'list this folder',
  read: 'read it',
  realpath: 'resolve it',
  rename: 'rename it to',
  rm: 'remove it',
  rmdir: 'remove it',
  scandir: 'list this folder',
  spawn: 'start it',
  stat: 'look at it',
  symlink: 'link it to',
  unlink: 'remove it',
  uv_cwd: 'find the current folder',
  write: 'write it',
};

function adviceOn(code: string): string {
  return ADVICE[code] ?? DEFAULT_ADVICE;
}

const DEFAULT_ADVICE = 'mend that, and give the same command again';

const ADVICE: Readonly<Record<string, string>> = {
  EACCES: 'change its permissions',
  EAGAIN: 'end other processes, or raise the limit on them (ulimit -u)',
  EDQUOT: 'make room',
  EFBIG: 'raise the limit on the size of files (ulimit -f)',
  EIO: 'look at the disk',
  EISDIR: 'move the folder away',
  EMFILE: 'raise the limit on open files (ulimit -n)',
  ENFILE: 'close files of other programs',
  ENOMEM: 'free memory, or raise the limit on it (ulimit -v)',
  ENOSPC: 'make room',
  ENOTDIR: 'move away the file that stands in the place of a folder',
  EPERM: 'change its permissions',
  EROFS: 'take a place that can be written, such as another --dir',
};

// Whether a process is still alive, as far as this process can tell.

import { hostname } from 'node:os';

import { codeOf } from '../errors.ts';

/** Whether this machine has a process with this id. One of another user, which may not be signalled (EPERM), is alive too. */
export function isProcessAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
}

/** Whether a process may be alive. On another machine that cannot be known, so it may. */
export function mayBeAlive({ pid, host }: { readonly pid: number; readonly host: string }): boolean {
  return host !== hostname() || isProcessAlive(pid);
}

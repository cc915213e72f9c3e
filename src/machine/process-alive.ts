// Whether a process of this machine is still there. Of another machine's, or one that is not ours, that cannot be told.

import { hostname } from 'node:os';

import { codeOf } from '../errors.ts';

export function mayLive({ pid, host }: { readonly pid: number; readonly host: string }): boolean {
  if (host !== hostname()) return true;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) !== 'ESRCH';
  }
}

// Explains why a state directory cannot be written: whether the user must name another one, or may try again later.

import { dirname } from 'node:path';

import { codeOf, UsageError } from '../../errors.ts';
import { refusedCall } from '../../machine/refused-call.ts';
import { refusedWrite } from '../../machine/full-disk.ts';

/** Errors that will not go away without a change by the user. */
const REFUSED_FOR_GOOD: ReadonlySet<string> = new Set([
  'EACCES',
  'EEXIST',
  'EINVAL',
  'EISDIR',
  'ELOOP',
  'ENAMETOOLONG',
  'ENOTDIR',
  'EPERM',
  'EROFS',
]);

/**
 * Calls a function that creates or removes files at a path of the state directory.
 * @throws UsageError if the directory cannot be written; SystemError if the machine refuses in another way
 */
export function writable<T>(path: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    if (error instanceof UsageError) throw error;
    const code = codeOf(error);
    if (code !== undefined && REFUSED_FOR_GOOD.has(code)) {
      throw new UsageError(`${dirname(path)}: expected a state directory that can be written, found ${code}`, {
        cause: error,
      });
    }
    throw refusedCall(refusedWrite(error, path, 0), path);
  }
}

// A state directory that cannot be written: another one may be the way out, or another time.

import { dirname } from 'node:path';

import { codeOf, UsageError } from '../../errors.ts';
import { refusedCall } from '../../machine/refused-call.ts';
import { refusedWrite } from '../../machine/full-disk.ts';

/** What does not change by itself. */
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
 * Calls what makes or removes files at a path of the state directory.
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

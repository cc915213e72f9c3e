// Finds the cache for compiled code of this process, for the processes and threads that it starts.

import { getCompileCacheDir } from 'node:module';
import { dirname } from 'node:path';

/**
 * The value for `NODE_COMPILE_CACHE`; undefined if nothing is cached. Node reports the subfolder for its own version, but expects
 * the folder of all versions.
 */
export function compileCache(): string | undefined {
  const dir = getCompileCacheDir();
  return dir === undefined ? undefined : dirname(dir);
}

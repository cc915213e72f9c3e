// Where this process keeps what Node has compiled, for the processes and threads that it starts.

import { getCompileCacheDir } from 'node:module';
import { dirname } from 'node:path';

/** What they get as `NODE_COMPILE_CACHE`; undefined where nothing is kept. Node names the folder of its own version, in one of all versions. */
export function compileCache(): string | undefined {
  const dir = getCompileCacheDir();
  return dir === undefined ? undefined : dirname(dir);
}

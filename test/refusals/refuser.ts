// Builds the library that refuses system calls.

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const SOURCE = fileURLToPath(new URL('refuse.c', import.meta.url));

/** Returns the path of the library, to be preloaded; undefined if it cannot be built. */
export function buildRefuser(folder: string): string | undefined {
  if (process.platform !== 'linux') return undefined;
  const library = join(folder, 'refuse.so');
  const compiler = process.env['CC'] ?? 'cc';
  const { status } = spawnSync(compiler, ['-shared', '-fPIC', '-O1', '-o', library, SOURCE, '-ldl']);
  return status === 0 ? library : undefined;
}

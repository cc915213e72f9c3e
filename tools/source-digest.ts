// What the source is, to its last byte.

import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const SOURCE = fileURLToPath(new URL('../src', import.meta.url));

/**
 * The digest of src/: while it has not changed, what was bundled of it is what would be. To be had in some milliseconds,
 * because the command asks before anything else.
 */
export function sourceDigest(): string {
  const digest = createHash('sha1');
  for (const name of readdirSync(SOURCE, { encoding: 'utf8', recursive: true }).toSorted()) {
    if (/\.(?:ts|wasm|html)$/.test(name)) digest.update(name).update(readFileSync(join(SOURCE, name)));
  }
  return digest.digest('hex');
}

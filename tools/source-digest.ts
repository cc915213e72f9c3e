// What a bundle is made of, to its last byte.

import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const SOURCE = join(ROOT, 'src');
/** How it is made, and of which packages: the second is npm's own list of what is installed. */
const BESIDE = ['tools/bundle.ts', 'node_modules/.package-lock.json'];

/**
 * The digest of src/, of the packages that are installed, and of the bundler. To be had in some milliseconds, because the
 * command asks before anything else. Throws where something that is there cannot be read.
 */
export function sourceDigest(): string {
  const digest = createHash('sha1');
  const files = readdirSync(SOURCE, { encoding: 'utf8', recursive: true })
    // Not what an editor leaves beside a file.
    .filter((name) => /(?:^|\/)[^./][^/]*\.(?:ts|wasm|html)$/.test(name))
    .map((name) => join(SOURCE, name))
    .toSorted();
  for (const path of BESIDE.map((name) => join(ROOT, name))) if (existsSync(path)) files.push(path);
  for (const path of files) digest.update(path.slice(ROOT.length)).update(readFileSync(path));
  return digest.digest('hex');
}

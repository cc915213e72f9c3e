// Computes the digest of everything that a bundle is made from.

import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const SOURCE = join(ROOT, 'src');
/** The bundler script, and npm's own list of the installed packages. */
const BESIDE = ['tools/bundle.ts', 'node_modules/.package-lock.json'];

/**
 * The digest of src/, of the installed packages, and of the bundler script. Takes a few milliseconds, because the command
 * needs it before anything else. Throws if an existing file cannot be read.
 */
export function sourceDigest(): string {
  const digest = createHash('sha1');
  const files = readdirSync(SOURCE, { encoding: 'utf8', recursive: true })
    // Without the files that editors leave beside a file.
    .filter((name) => /(?:^|\/)[^./][^/]*\.(?:ts|wasm|html)$/.test(name))
    .map((name) => join(SOURCE, name))
    .toSorted();
  for (const path of BESIDE.map((name) => join(ROOT, name))) if (existsSync(path)) files.push(path);
  for (const path of files) digest.update(path.slice(ROOT.length)).update(readFileSync(path));
  return digest.digest('hex');
}

// Determines the parts of a job: its file, and everything that it imports. A file is identified by its content, anything below
// node_modules by the version of its package.

import { createHash } from 'node:crypto';
import { readFileSync, realpathSync, statSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** A file by its absolute path, with the SHA-256 of its content; or a package by its folder, with its name and version. */
export type JobPart = readonly [path: string, content: string];

/** One digest of all parts. */
export function digestOfParts(parts: readonly JobPart[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}

/** Records which modules of a thread import which others. */
export class ModuleGraph {
  readonly #imports = new Map<string, Set<string>>();
  /** The number of imports so far. */
  size = 0;

  add(importer: string, imported: string): void {
    let all = this.#imports.get(importer);
    if (all === undefined) this.#imports.set(importer, (all = new Set()));
    if (all.has(imported)) return;
    all.add(imported);
    this.size++;
  }

  /** The parts of the job in a file: that file first, the others by their paths. `isOurs` tells modules of this package. */
  partsOf(path: string, isOurs: (url: string) => boolean): JobPart[] {
    const first = pathToFileURL(realpathSync(path)).href;
    const found = new Set([first]);
    for (const url of found) {
      for (const imported of this.#imports.get(url) ?? []) {
        // The imports of a data: URL count; the URL itself is part of its importer's text.
        if (/^(?:file|data):/.test(imported) && !isOurs(imported)) found.add(imported);
      }
    }
    const parts = new Map<string, string>();
    for (const url of found) {
      if (url.startsWith('data:')) continue;
      const [name, content] = partAt(fileURLToPath(url));
      parts.set(name, content);
    }
    const [own, ...others] = parts;
    return [own!, ...others.sort(([a], [b]) => (a < b ? -1 : 1))];
  }
}

/** When a part was last changed, as far as the file system knows. */
export function changeMsOf([path]: JobPart): number {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats === undefined ? 0 : Math.max(stats.mtimeMs, stats.ctimeMs);
}

/** The first part that is in both and differs; undefined if all are the same. */
export function changedPart(known: readonly JobPart[], now: readonly JobPart[]): string | undefined {
  const before = new Map(known);
  const changed = now.find(([path, content]) => (before.get(path) ?? content) !== content);
  if (changed === undefined) return undefined;
  const [path, content] = changed;
  return /(?:^|[/\\])node_modules[/\\]/.test(path)
    ? `${path}: expected ${before.get(path)} as it was when the run began, found ${content}`
    : `${path}: expected a file of the job as it was when the run began, found it changed`;
}

function partAt(path: string): JobPart {
  const [folder] = /^.*[/\\]node_modules[/\\](?:@[^/\\]+[/\\])?[^/\\]+(?=[/\\])/.exec(path) ?? [];
  if (folder !== undefined) {
    try {
      const { name, version } = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8')) as Record<string, unknown>;
      if (typeof name === 'string' && typeof version === 'string') return [folder, `${name} ${version}`];
    } catch {
      // Not a package: its files count one by one.
    }
  }
  return [path, createHash('sha256').update(readFileSync(path)).digest('hex')];
}

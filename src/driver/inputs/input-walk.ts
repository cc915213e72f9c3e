// Finds the files that a pattern or a folder stands for. Folders are listed here and not by a glob library, because those skip
// what they cannot read: a file that is silently missing means a wrong result.

import { isUtf8 } from 'node:buffer';
import { type Dirent, readdirSync, statSync } from 'node:fs';

import { braceExpand, GLOBSTAR, Minimatch, type ParseReturnFiltered } from 'minimatch';

import { codeOf, UsageError } from '../../errors.ts';
import { MACHINE } from './input-content.ts';

const LONGEST_PATTERN = 1 << 14;
const MOST_ALTERNATIVES = 10_000;

export interface Matched {
  /** The paths of all files that match, links, devices and pipes among them, sorted by their bytes. */
  readonly files: string[];
  /** The folders that match as the last part of the pattern. */
  readonly folders: string[];
}

/**
 * Finds what a pattern matches: `*`, `?`, `[…]`, `{…}`, and `**` for folders at any depth, also through links. Hidden names
 * match only if the pattern has their dot. An alternative in braces without `*` and the like must exist.
 * @throws UsageError if a folder cannot be listed, a link leads nowhere, or a name is not UTF-8
 */
export function matchesOf(pattern: string): Matched {
  const walk = new Walk(pattern);
  const alternatives = alternativesOf(pattern);
  for (const alternative of alternatives) {
    const { set } = new Minimatch(alternative, { nobrace: true, nonegate: true, nocomment: true });
    for (const row of set) walk.go(row);
    // Not if something could not be read: that may have been it.
    if (alternatives.length > 1 && set.every(isPath) && !walk.hasFound && !walk.hasRefused)
      throw new UsageError(`input ${pattern}: expected a file ${alternative}, found none below ${process.cwd()}`);
  }
  return walk.finish();
}

function isPath(row: Row): boolean {
  return row.every((part) => typeof part === 'string');
}

function alternativesOf(pattern: string): string[] {
  const alternatives =
    pattern.length > LONGEST_PATTERN ? [] : braceExpand(pattern, { braceExpandMax: MOST_ALTERNATIVES + 1 });
  if (alternatives.length > 0 && alternatives.length <= MOST_ALTERNATIVES) return alternatives;
  throw new UsageError(
    `input ${pattern.slice(0, 100)}…: expected a pattern of at most ${LONGEST_PATTERN} characters and ${MOST_ALTERNATIVES} ` +
      'alternatives in braces, found more',
  );
}

/** All files below a folder except hidden ones. @throws UsageError as `matchesOf` does */
export function filesBelow(folder: string): string[] {
  const walk = new Walk(folder);
  walk.go([...folder.split('/').filter((part, index) => part !== '' || index === 0), GLOBSTAR]);
  return walk.finish().files;
}

const SLASH = Buffer.from('/');

/** A folder or file on the way; `raw` is its path if that is not UTF-8. */
interface Location {
  readonly path: string;
  readonly raw: Buffer | undefined;
}

interface Entry extends Location {
  readonly name: string;
  readonly kind: 'file' | 'folder' | 'link';
}

type Row = readonly ParseReturnFiltered[];

class Walk {
  readonly files = new Set<string>();
  readonly folders = new Set<string>();
  /** Whether the last row of pattern parts has matched anything. */
  hasFound = false;
  readonly #pattern: string;
  readonly #refusals = new Set<string>();
  #row: Row = [];
  /** The folders that were visited already, each with the index of the first part to match in it. */
  #seen = new Set<string>();
  /** The folder that was listed last: a `**` needs it twice. */
  #listed: { readonly key: string; readonly entries: readonly Entry[] } | undefined;

  constructor(pattern: string) {
    this.#pattern = pattern;
  }

  get hasRefused(): boolean {
    return this.#refusals.size > 0;
  }

  go(row: Row): void {
    this.#row = row;
    this.hasFound = false;
    this.#seen = new Set();
    this.#visit({ path: '', raw: undefined }, 0, []);
  }

  finish(): Matched {
    const [refusal] = this.#refusals;
    if (refusal !== undefined)
      throw new UsageError(`input ${this.#pattern}: ${refusal}${more(this.#refusals.size - 1)}`);
    return { files: [...this.files].sort(byBytes), folders: [...this.folders].sort(byBytes) };
  }

  /** Matches the parts of the row from `index` on below a folder. `above` has the folders on the way to it. */
  #visit(location: Location, index: number, above: readonly string[]): void {
    const key = `${index}:${keyOf(location)}`;
    if (this.#seen.has(key)) return;
    this.#seen.add(key);
    const part = this.#row[index]!;
    if (typeof part === 'string') this.#visitNamed(location, part, index, above);
    else if (part === GLOBSTAR) this.#visitAll(location, index, above);
    else {
      for (const entry of this.#list(location)) if (part.test(entry.name)) this.#take(entry, index, above);
    }
  }

  /** Follows a name without listing the folder, which may not be permitted. */
  #visitNamed(location: Location, name: string, index: number, above: readonly string[]): void {
    if (index < this.#row.length - 1) return this.#visit(below(location, name), index + 1, above);
    const named = below(location, name);
    const stats = this.#stat(named);
    this.hasFound = stats !== undefined;
    if (stats?.isDirectory() === true) this.folders.add(named.path);
    else if (stats !== undefined) this.#addFile(named);
  }

  #visitAll(location: Location, index: number, above: readonly string[]): void {
    const isLast = index === this.#row.length - 1;
    const here = this.#enter(location, above);
    if (here === undefined) return;
    for (const entry of this.#list(location)) {
      if (entry.name.startsWith('.')) continue;
      const kind = this.#resolve(entry);
      if (kind === 'folder') this.#visit(entry, index, here);
      else if (isLast && kind === 'file') this.#addFile(entry);
    }
    if (!isLast) this.#visit(location, index + 1, above);
  }

  /** Takes an entry whose name matches the part of the row at `index`. */
  #take(entry: Entry, index: number, above: readonly string[]): void {
    const kind = this.#resolve(entry);
    const isLast = index === this.#row.length - 1;
    if (kind === 'file' && isLast) this.#addFile(entry);
    else if (kind === 'folder' && !isLast) this.#visit(entry, index + 1, above);
    else if (kind === 'folder' && this.#row[index - 1] !== GLOBSTAR) this.folders.add(entry.path);
  }

  #addFile({ path, raw }: Location): void {
    if (raw === undefined) this.files.add(path);
    else this.#refuse(`expected names in UTF-8, found $'${escaped(raw)}'; rename it, or the folder that it is in`);
  }

  /** Adds a folder to those on the way; undefined if it is one of them already, through a link. */
  #enter(location: Location, above: readonly string[]): readonly string[] | undefined {
    const stats = this.#stat(location.path === '' ? { path: '.', raw: undefined } : location);
    if (stats === undefined) return undefined;
    const identity = `${stats.dev}:${stats.ino}`;
    return above.includes(identity) ? undefined : [...above, identity];
  }

  /** The kind of an entry, with links followed. Undefined if a link leads nowhere, which is refused. */
  #resolve(entry: Entry): 'file' | 'folder' | undefined {
    if (entry.kind !== 'link') return entry.kind;
    try {
      return statSync(entry.raw ?? entry.path).isDirectory() ? 'folder' : 'file';
    } catch (error) {
      if (MACHINE.has(codeOf(error) ?? '')) throw error;
      this.#refuse(`expected links that lead to a file or folder, found ${shown(entry)} (${codeOf(error)})`);
      return undefined;
    }
  }

  #list(location: Location): readonly Entry[] {
    if (this.#listed?.key === keyOf(location)) return this.#listed.entries;
    let found: Dirent<Buffer>[] = [];
    try {
      found = readdirSync(location.raw ?? (location.path || '.'), { withFileTypes: true, encoding: 'buffer' });
    } catch (error) {
      this.#refuseUnlessMissing(location, error);
    }
    const entries = found.map((dirent) => entryOf(location, dirent));
    this.#listed = { key: keyOf(location), entries };
    return entries;
  }

  #stat(location: Location): { isDirectory(): boolean; readonly dev: bigint; readonly ino: bigint } | undefined {
    try {
      return statSync(location.raw ?? location.path, { bigint: true });
    } catch (error) {
      this.#refuseUnlessMissing(location, error);
      return undefined;
    }
  }

  /** A name that does not exist simply does not match. Any other error may hide files. */
  #refuseUnlessMissing(location: Location, error: unknown): void {
    const code = codeOf(error) ?? '';
    if (code === 'ENOENT' || code === 'ENOTDIR') return;
    if (MACHINE.has(code)) throw error;
    const what =
      code === 'EACCES' || code === 'EPERM'
        ? `no permission to read ${shown(location)}`
        : `${code} at ${shown(location)}`;
    this.#refuse(`expected folders that can be read, found ${what}`);
  }

  #refuse(refusal: string): void {
    this.#refusals.add(refusal);
  }
}

function entryOf(location: Location, dirent: Dirent<Buffer>): Entry {
  const name = dirent.name.toString();
  const kind = dirent.isDirectory() ? 'folder' : dirent.isSymbolicLink() ? 'link' : 'file';
  return { ...below(location, name, isUtf8(dirent.name) ? undefined : dirent.name), name, kind };
}

function below({ path, raw }: Location, name: string, rawName?: Buffer): Location {
  if (name === '.') return { path, raw };
  const start = path === '' ? (name === '' ? '/' : '') : path === '/' ? '/' : `${path}/`;
  if (raw === undefined && rawName === undefined) return { path: start + name, raw };
  const rawStart = raw === undefined ? Buffer.from(start) : Buffer.concat([raw, SLASH]);
  return { path: start + name, raw: Buffer.concat([rawStart, rawName ?? Buffer.from(name)]) };
}

/** A key that differs for different paths, also if they look the same as text. */
function keyOf({ path, raw }: Location): string {
  return raw === undefined ? path : `\0${raw.toString('latin1')}`;
}

function shown({ path, raw }: Location): string {
  return raw === undefined ? path || '.' : escaped(raw);
}

/** A name in the form of a shell's `$'…'`. */
function escaped(name: Buffer): string {
  return name
    .toString('latin1')
    .replaceAll(/[^\x20-\x7e]|['\\]/g, (byte) =>
      byte === "'" || byte === '\\' ? `\\${byte}` : `\\x${byte.charCodeAt(0).toString(16).padStart(2, '0')}`,
    );
}

function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

/** The end of a message, if there are this many more cases of the same. */
export function more(count: number): string {
  return count === 0 ? '' : `; and ${count} more like ${count === 1 ? 'it' : 'that'}`;
}

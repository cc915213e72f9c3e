// Turns the paths and patterns that the user typed into a list of readable files.

import { lstatSync, realpathSync, type Stats, statSync } from 'node:fs';
import { resolve } from 'node:path';

import { codeOf, UsageError } from '../../errors.ts';
import type { Compression } from '../../formats/compressed/compression.ts';
import { isRunState, type Workspace } from '../../workspace/paths.ts';
import { folderAsInput, lookAt } from './input-content.ts';
import { filesBelow, matchesOf, more } from './input-walk.ts';

export interface InputFile {
  /** As the user named it. */
  readonly file: string;
  /** Absolute. */
  readonly path: string;
  readonly sizeBytes: number;
  readonly mtimeMs: number;
  readonly compression?: Compression | undefined;
}

/** Remarks about inputs that can be read. */
type Notes = readonly string[];

export interface FoundInputs {
  readonly inputs: readonly InputFile[];
  readonly notes: Notes;
  /** What is wrong with them, and remarks, if their records are lines of text: other formats accept any bytes. */
  readonly asText: { readonly refusal: UsageError | undefined; readonly notes: Notes };
}

/**
 * Finds the files that paths and patterns name, in the given order; those of one pattern are sorted by name. A file with several
 * names counts once, under the first of them. `replaced` is the state directory, if the run will replace an earlier one there.
 * @throws UsageError if a pattern matches nothing, or something that cannot be read
 */
export function findInputs(patterns: readonly string[], replaced: Workspace | undefined): FoundInputs {
  const inputs = new Inputs(replaced);
  const notes: string[] = [];
  for (const pattern of patterns) for (const file of expand(pattern, notes)) inputs.add(file);
  const found = inputs.finish();
  return { ...found, notes: [...notes, ...found.notes] };
}

export function totalBytes(inputs: readonly InputFile[]): number {
  return inputs.reduce((bytes, { sizeBytes }) => bytes + sizeBytes, 0);
}

function expand(pattern: string, notes: string[]): string[] {
  const named = statOf(pattern);
  // An existing path is taken literally, even if it looks like a pattern.
  if (named?.isDirectory() === true && pattern.endsWith('/')) return below(pattern, filesBelow(pattern));
  if (named !== undefined) return [pattern];
  const { files, folders } = matchesOf(pattern.endsWith('/') ? `${pattern}**` : pattern);
  if (files.length > 0) {
    if (folders.length > 0) notes.push(leftOut(pattern, folders));
    return files;
  }
  if (folders[0] !== undefined) throw folderAsInput(folders[0]);
  const hint = pattern === '-' ? '; write what comes from stdin into a file first' : '';
  throw new UsageError(`input ${pattern}: expected at least one file, found no match below ${process.cwd()}${hint}`);
}

function below(folder: string, files: string[]): string[] {
  if (files.length > 0) return files;
  throw new UsageError(`input ${folder}: expected at least one file below it, found none that is not hidden`);
}

function leftOut(pattern: string, folders: readonly string[]): string {
  const [first] = folders;
  const what = folders.length === 1 ? `the folder ${first}` : `${folders.length} folders (${first} …)`;
  return `input ${pattern}: leaves out ${what}; '${pattern}/' takes all files below`;
}

/** The status of a path; undefined if it does not exist. @throws UsageError if it exists, but cannot be reached */
function statOf(file: string): Stats | undefined {
  try {
    return statSync(file);
  } catch (error) {
    const code = codeOf(error);
    if (code === 'ENAMETOOLONG' || code === 'ENOTDIR') return undefined;
    if (code === 'ENOENT' && lstatSync(file, { throwIfNoEntry: false }) === undefined) return undefined;
    const found =
      code === 'EACCES' || code === 'EPERM'
        ? 'no permission to look there'
        : code === 'ENOENT'
          ? 'a link that leads nowhere (ENOENT)'
          : code;
    throw new UsageError(`input ${file}: expected a file that can be read, found ${found}`, { cause: error });
  }
}

/** Collects inputs. A remark or error that applies to many of them is shown once. */
class Inputs {
  readonly #replaced: Workspace | undefined;
  readonly #byPath = new Map<string, InputFile>();
  readonly #byIdentity = new Map<string, string>();
  readonly #refusals: UsageError[] = [];
  readonly #refusalsAsText: UsageError[] = [];
  readonly #same: string[] = [];
  readonly #remarks: string[] = [];
  readonly #remarksAsText: string[] = [];
  #folder = { name: '', real: '' };

  constructor(replaced: Workspace | undefined) {
    this.#replaced = replaced;
  }

  add(file: string): void {
    const path = resolve(file);
    if (this.#byPath.has(path)) return;
    try {
      const { realPath, identity, remark, asText, ...content } = lookAt(file, path, this.#realFolder);
      this.#refuseState(file, realPath);
      const other = this.#byIdentity.get(identity || realPath);
      if (other !== undefined) return void this.#same.push(`inputs: ${file} is ${other}, a file is read once`);
      this.#byIdentity.set(identity || realPath, file);
      this.#byPath.set(path, { file, path, ...content });
      if (remark !== undefined) this.#remarks.push(remark);
      if (asText.refusal !== undefined) this.#refusalsAsText.push(asText.refusal);
      if (asText.remark !== undefined) this.#remarksAsText.push(asText.remark);
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      this.#refusals.push(error);
    }
  }

  finish(): FoundInputs {
    const refusal = together(this.#refusals);
    if (refusal !== undefined) throw refusal;
    return {
      inputs: [...this.#byPath.values()],
      notes: [...firstOf(this.#remarks), ...firstOf(this.#same)],
      asText: { refusal: together(this.#refusalsAsText), notes: firstOf(this.#remarksAsText) },
    };
  }

  /** Resolves a folder. Most inputs are in the same folder as the one before. */
  readonly #realFolder = (folder: string): string => {
    if (this.#folder.name !== folder) this.#folder = { name: folder, real: realpathSync.native(folder) };
    return this.#folder.real;
  };

  #refuseState(file: string, realPath: string): void {
    const replaced = this.#replaced;
    if (replaced === undefined || !isRunState(replaced, realPath)) return;
    throw new UsageError(
      `input ${file}: expected a file outside of ${replaced.dir}, found a file of the last run, which a new run ` +
        'replaces; copy it elsewhere, or name another state directory with --dir',
    );
  }
}

function together([first, ...others]: readonly UsageError[]): UsageError | undefined {
  return first === undefined ? undefined : new UsageError(first.message + more(others.length), { cause: first });
}

function firstOf([first, ...others]: readonly string[]): string[] {
  return first === undefined ? [] : [first + more(others.length)];
}

// From what the user typed as inputs to a list of files.

import { accessSync, constants, existsSync, globSync, realpathSync, type Stats, statSync } from 'node:fs';
import { resolve } from 'node:path';

import { codeOf, UsageError } from '../errors.ts';
import { isRunState, type Workspace } from '../workspace.ts';

export interface InputFile {
  /** As the user named it. */
  readonly file: string;
  /** Absolute. */
  readonly path: string;
  readonly sizeBytes: number;
  readonly mtimeMs: number;
}

/**
 * The files that paths and patterns name, in the order given, those of one pattern sorted by name, each file once.
 * @throws UsageError where a pattern matches nothing, or a file cannot be an input
 */
export function findInputs(patterns: readonly string[], workspace: Workspace): InputFile[] {
  const found = new Map<string, InputFile>();
  for (const pattern of patterns) {
    for (const file of expand(pattern)) {
      const input = checkInput(file, workspace);
      if (!found.has(input.path)) found.set(input.path, input);
    }
  }
  return [...found.values()];
}

export function totalBytes(inputs: readonly InputFile[]): number {
  return inputs.reduce((bytes, { sizeBytes }) => bytes + sizeBytes, 0);
}

/** A path that exists is meant as it stands, also where it looks like a pattern. */
function expand(pattern: string): string[] {
  if (existsSync(pattern)) return [pattern];
  const files = globSync(pattern).sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  if (files.length === 0) {
    throw new UsageError(`input ${pattern}: expected at least one file, found no match below ${process.cwd()}`);
  }
  return files;
}

function checkInput(file: string, workspace: Workspace): InputFile {
  const path = resolve(file);
  const stats = statOf(file, path);
  if (stats.isDirectory()) throw new UsageError(`input ${file}: expected a file, found a directory; name '${file}/*'`);
  if (!stats.isFile()) throw new UsageError(`input ${file}: expected a file, found a device, pipe or socket`);
  try {
    accessSync(path, constants.R_OK);
  } catch {
    throw new UsageError(`input ${file}: expected a file that can be read, found no permission to read it`);
  }
  if (isRunState(workspace, realpathSync(path))) {
    throw new UsageError(
      `input ${file}: expected a file outside of ${workspace.dir}, found a file of the last run, which a new run ` +
        'replaces; copy it elsewhere, or name another state directory with --dir',
    );
  }
  return { file, path, sizeBytes: stats.size, mtimeMs: stats.mtimeMs };
}

function statOf(file: string, path: string): Stats {
  try {
    return statSync(path);
  } catch (error) {
    throw new UsageError(`input ${file}: expected a file that can be read, found ${codeOf(error) ?? 'an error'}`, {
      cause: error,
    });
  }
}

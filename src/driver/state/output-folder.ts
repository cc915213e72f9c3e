// Checks the folder of the results: whether a run can put them where the user wants them. All checks come before anything begins.

import {
  accessSync,
  constants,
  type Dirent,
  lstatSync,
  readdirSync,
  readFileSync,
  realpathSync,
  type Stats,
  statSync,
} from 'node:fs';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';

import { codeOf, UsageError } from '../../errors.ts';
import { isWorkFolder } from '../../workspace/result-set.ts';
import { OURS, type Workspace } from '../../workspace/paths.ts';
import type { InputFile } from '../inputs/inputs.ts';

/** The names in a state directory that are ours, except that of the results. */
const TAKEN = /^(chunks|intermediate|attempts|history|token|lock|run\.json|job\.json|workers\.json)(\..*)?$/;

/**
 * The absolute path of the folder that the user wants; undefined if it is the one in the state directory.
 * @throws UsageError if results cannot be put there, or would replace foreign files
 */
export function findOutput(
  asked: string | undefined,
  workspace: Workspace,
  inputs: readonly InputFile[],
): string | undefined {
  const flag = asked === undefined ? workspace.out : `--output ${asked}`;
  if (asked === '') throw new UsageError("--output '': expected the name of a folder, found none");
  const folder = realPath(resolve(asked ?? workspace.out), flag);
  const dir = realPath(workspace.dir, workspace.dir);
  const isOwn = folder === join(dir, basename(workspace.out));
  // In the folder in its state directory, a run replaces our files and carries over foreign ones.
  if (!isOwn && asked !== undefined) {
    checkApart(folder, dir, flag);
    checkInputs(folder, inputs, flag);
    checkOurs(folder, flag);
  }
  checkReplaceable(folder, flag);
  return isOwn ? undefined : folder;
}

/** The path with links resolved, as far as it exists. */
function realPath(path: string, flag: string): string {
  try {
    return realpathSync(path);
  } catch (error) {
    const code = codeOf(error);
    if (code !== 'ENOENT') throw new UsageError(`${flag}: expected a folder, found ${code}`, { cause: error });
  }
  if (lstatSync(path, { throwIfNoEntry: false }) !== undefined) {
    throw new UsageError(`${flag}: expected a folder, found a link that leads nowhere`);
  }
  return path === dirname(path) ? path : join(realPath(dirname(path), flag), basename(path));
}

function checkApart(folder: string, dir: string, flag: string): void {
  const advice = 'name another folder';
  if (isWithin(dir, folder)) {
    throw new UsageError(
      `${flag}: expected a folder for results alone, found that it holds the state directory; ${advice}`,
    );
  }
  if (!isWithin(folder, dir)) return;
  const [first = '', ...below] = relative(dir, folder).split(sep);
  if (TAKEN.test(first) || isWorkFolder(first) || (first === 'out' && below.length > 0)) {
    throw new UsageError(
      `${flag}: expected a folder for results alone, found one that runs use for their own; ${advice}`,
    );
  }
}

function checkInputs(folder: string, inputs: readonly InputFile[], flag: string): void {
  const input = inputs.find(({ path }) => isWithin(realpathSync(path), folder));
  if (input === undefined) return;
  throw new UsageError(
    `${flag}: expected a folder that holds no input, found ${input.file} in it; name another folder`,
  );
}

/** Everything in the folder is replaced, so it may contain nothing but earlier results. */
function checkOurs(folder: string, flag: string): void {
  const stats = statIfThere(folder, flag);
  if (stats === undefined) return;
  if (!stats.isDirectory()) throw new UsageError(`${flag}: expected a folder, found something else`);
  const foreign = entriesOf(folder, flag).find((entry) => entry.isDirectory() || !OURS.out.test(entry.name));
  if (foreign === undefined) return;
  throw new UsageError(
    `${flag}: expected no folder there, an empty one or earlier results, found ${JSON.stringify(foreign.name)} in it; ` +
      'move that away, or name another folder',
  );
}

/** Results replace a folder as a whole, by a rename in the folder above it. */
function checkReplaceable(folder: string, flag: string): void {
  const stats = statIfThere(folder, flag);
  if (stats !== undefined && !stats.isDirectory())
    throw new UsageError(`${flag}: expected a folder, found something else`);
  const above = nearestAbove(folder, flag);
  for (const path of stats === undefined ? [above] : [above, folder]) checkWritable(path, flag);
  if (stats === undefined) return;
  if (folder === above || stats.dev !== statSync(above).dev || isMountPoint(folder)) {
    const advice = `name a folder in it, such as ${join(folder, 'out')}`;
    throw new UsageError(`${flag}: expected a folder that can be replaced as a whole, found a mount point; ${advice}`);
  }
}

/** The nearest folder above that exists. Those below it will be created. */
function nearestAbove(folder: string, flag: string): string {
  for (let above = dirname(folder); ; above = dirname(above)) {
    const stats = statIfThere(above, flag);
    if (stats === undefined) continue;
    if (stats.isDirectory()) return above;
    throw new UsageError(`${flag}: expected a folder above it, found that ${above} is not one`);
  }
}

function checkWritable(path: string, flag: string): void {
  try {
    accessSync(path, constants.W_OK | constants.X_OK);
  } catch (error) {
    const found = `${codeOf(error) ?? 'an error'} at ${path}`;
    throw new UsageError(`${flag}: expected a folder that can be written, found ${found}`, { cause: error });
  }
}

/** Whether a folder is a mount point, also one of the same file system. `false` if the system does not list them. */
function isMountPoint(folder: string): boolean {
  try {
    const points = readFileSync('/proc/self/mountinfo', 'utf8').split('\n');
    return points.some((line) => unescaped(line.split(' ')[4]) === folder);
  } catch {
    return false;
  }
}

/** In that list a space in a path is written as `\040`. */
function unescaped(path = ''): string {
  return path.replaceAll(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}

function statIfThere(path: string, flag: string): Stats | undefined {
  try {
    return statSync(path);
  } catch (error) {
    const code = codeOf(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw new UsageError(`${flag}: expected a folder, found ${code}`, { cause: error });
  }
}

function entriesOf(folder: string, flag: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    throw new UsageError(`${flag}: expected a folder that can be read, found ${codeOf(error)}`, { cause: error });
  }
}

function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : `${folder}${sep}`);
}

// The token that driver and workers share: a worker runs code that it is told to load, so it must know who tells it.
//
// A token that is damaged is replaced by a new one: workers that listen look the token up for each connection, so nobody loses
// by that.

import { linkSync, renameSync } from 'node:fs';
import { dirname } from 'node:path';

import { codeOf, SystemError, UsageError } from '../../errors.ts';
import { refusedCall } from '../../machine/refused-call.ts';
import { partPath, removeFile, removeQuietly, replaceFile } from '../../machine/regular-file.ts';
import { isToken, newToken, readToken, tokenIn } from '../../workspace/token-file.ts';
import { makeFolders } from '../state/state-directory.ts';

/** So many processes at most are taken to have made a token at the same time. */
const MOST_TRIES = 10;

/**
 * The token of a state directory: `MAPREDUCE_TOKEN`, or what the file at `path` says, which is made if it is missing or
 * damaged.
 * @throws UsageError if MAPREDUCE_TOKEN can be no token; SystemError if the machine refuses
 */
export function sharedToken(path: string): string {
  return givenToken() ?? fileToken(path);
}

/**
 * What `MAPREDUCE_TOKEN` says; undefined where it says nothing.
 * @throws UsageError where it can be no token
 */
export function givenToken(): string | undefined {
  const { MAPREDUCE_TOKEN: given = '' } = process.env;
  if (given === '') return undefined;
  if (isToken(given)) return given;
  throw new UsageError(
    'MAPREDUCE_TOKEN: expected at least 16 letters, digits or -._~+/=, or all of a token file, found something else',
  );
}

/** Sees to it that workers which are started now find the driver's token in its file, whatever has become of it. */
export function keepToken(path: string, token: string): void {
  if (givenToken() !== undefined || tokenIn(path) === token) return;
  replaceFile(path, [`${token}\n`], { mode: 0o600, synced: true });
}

function fileToken(path: string): string {
  try {
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      const found = readToken(path);
      if (typeof found === 'object') return found.token;
      if (found === 'no file') removeFile(path);
      if (found === 'damaged') takeAway(path);
      const made = makeToken(path);
      if (made !== undefined) return made;
    }
  } catch (error) {
    throw refusedCall(error, path);
  }
  throw new SystemError(`${path}: expected a token, found that something else is written there again and again`);
}

/** Of several processes that find the same damaged token one takes it away; what another has made meanwhile is put back. */
function takeAway(path: string): void {
  const aside = partPath(path);
  try {
    renameSync(path, aside);
    if (tokenIn(aside) !== '') linkSync(aside, path);
  } catch (error) {
    if (!['ENOENT', 'EEXIST'].includes(codeOf(error) ?? '')) throw error;
  } finally {
    removeQuietly(aside);
  }
}

/** Of several processes that make one at the same time, one does: a link is made whole, and once. */
function makeToken(path: string): string | undefined {
  const token = newToken();
  makeFolders(dirname(path));
  const beside = partPath(path);
  try {
    replaceFile(beside, [`${token}\n`], { mode: 0o600, synced: true });
    linkSync(beside, path);
    return token;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return undefined;
    throw error;
  } finally {
    removeQuietly(beside);
  }
}

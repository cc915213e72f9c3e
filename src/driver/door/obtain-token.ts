// Finds or makes the token that driver and workers share. A worker runs code that a request names, so it must know that the
// request comes from a driver. `wire/check-token.ts` checks that.
//
// A damaged token is replaced by a new one: workers read the token for each connection, so that harms nobody.

import { linkSync, renameSync } from 'node:fs';
import { dirname } from 'node:path';

import { codeOf, SystemError, UsageError } from '../../errors.ts';
import { refusedCall } from '../../machine/refused-call.ts';
import { partPath, removeFile, removeQuietly, replaceFile } from '../../machine/regular-file.ts';
import { isToken, newToken, readToken, tokenIn } from '../../workspace/token-file.ts';
import { makeFolders } from '../state/state-directory.ts';

/** More processes than this are not assumed to make a token at the same time. */
const MOST_TRIES = 10;

/**
 * The token of a state directory: `MAPREDUCE_TOKEN`, or the one in the file at `path`, which is made if it is missing or
 * damaged.
 * @throws UsageError if MAPREDUCE_TOKEN is not a valid token; SystemError if the machine refuses
 */
export function sharedToken(path: string): string {
  return givenToken() ?? fileToken(path);
}

/**
 * The token in `MAPREDUCE_TOKEN`; undefined if that is empty or unset.
 * @throws UsageError if it is not a valid token
 */
export function givenToken(): string | undefined {
  const { MAPREDUCE_TOKEN: given = '' } = process.env;
  if (given === '') return undefined;
  if (isToken(given)) return given;
  throw new UsageError(
    'MAPREDUCE_TOKEN: expected at least 16 letters, digits or -._~+/=, or all of a token file, found something else',
  );
}

/** Writes the driver's token to its file again, unless it is there: workers that are started now must find it. */
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

/** Removes a damaged token. If another process has replaced it by a good one meanwhile, that is put back. */
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

/** Makes a token. If several processes do so at the same time, one succeeds: creating a link is atomic. */
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

// The token that driver and workers share: a worker runs code that it is told to load, so it must know who tells it.

import { randomBytes } from 'node:crypto';
import { linkSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

import { codeOf, UsageError } from '../errors.ts';
import { withRoom } from '../refused-write.ts';
import { readIfThere } from '../workspace.ts';

/** The token of a state directory: `MAPREDUCE_TOKEN`, or what the file at `path` says, which is made where it is missing. */
export function sharedToken(path: string): string {
  const token = givenToken() ?? readToken(path);
  return token === undefined || token === '' ? makeToken(path, token === '') : token;
}

/**
 * What `MAPREDUCE_TOKEN` says; undefined where it says nothing.
 * @throws UsageError where it can be no token
 */
export function givenToken(): string | undefined {
  const { MAPREDUCE_TOKEN: given = '' } = process.env;
  return given === '' ? undefined : checked(given);
}

function readToken(path: string): string | undefined {
  return readIfThere(path)?.trim();
}

function checked(token: string): string {
  if (/^[\w.~+/=-]{16,}$/.test(token)) return token;
  throw new UsageError('MAPREDUCE_TOKEN: expected at least 16 letters, digits or -._~+/=, found something else');
}

/** Of several processes that make one at the same time, all get the same: a link is made whole, and once. */
function makeToken(path: string, replacesEmpty: boolean): string {
  const token = randomBytes(24).toString('base64url');
  mkdirSync(dirname(path), { recursive: true });
  const temporary = `${path}.${process.pid}`;
  try {
    withRoom(path, token.length + 1, () => writeFileSync(temporary, `${token}\n`, { mode: 0o600 }));
    if (replacesEmpty) renameSync(temporary, path);
    else linkSync(temporary, path);
    return readToken(path) ?? token;
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
    return readToken(path) ?? token;
  } finally {
    rmSync(temporary, { force: true });
  }
}

// Where a worker has the token from.

import { readFileSync } from 'node:fs';

import { fixedToken, sameToken, type TokenSource } from '../http-server.ts';

/** The token that is given, or that of a file: after a reset that is another, so one that is not known is looked up. */
export function tokenSource(given: string, file: string): TokenSource {
  if (given !== '') return fixedToken(given);
  let known = readToken(file);
  const current = (): string => (known = readToken(file));
  return { current, is: (token) => sameToken(token, known) || sameToken(token, current()) };
}

function readToken(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return '';
  }
}

// Where a worker has the token from.

import { fixedToken, sameToken, type TokenSource } from '../http-server.ts';
import { tokenIn } from '../state/token-file.ts';

/** The token that is given, or that of a file: after a reset that is another, so one that is not known is looked up. */
export function tokenSource(given: string, file: string): TokenSource {
  if (given !== '') return fixedToken(given);
  let known = tokenIn(file);
  const current = (): string => (known = tokenIn(file));
  return { current, is: (token) => sameToken(token, known) || sameToken(token, current()) };
}

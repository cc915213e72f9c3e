// Where a worker has the token from.

import { tokenIn } from '../workspace/token-file.ts';
import { fixedToken, type TokenSource } from '../wire/token-proof.ts';

/**
 * The token that is given, or that of a file, which is another one after a reset: so it is read for each connection. While
 * there is none in the file, it is what it was.
 */
export function tokenSource(given: string, file: string): TokenSource {
  if (given !== '') return fixedToken(given);
  let known = '';
  return { current: () => (known = tokenIn(file) || known) };
}

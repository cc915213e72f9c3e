// Gets the token for a worker.

import { tokenIn } from '../workspace/token-file.ts';
import { fixedToken, type TokenSource } from '../wire/token-proof.ts';

/**
 * The given token; or, if it is empty, that of a file. A reset replaces the token in the file, so the file is read for each
 * connection. While it has no token, the last one that it had is used.
 */
export function tokenSource(given: string, file: string): TokenSource {
  if (given !== '') return fixedToken(given);
  let known = '';
  return { current: () => (known = tokenIn(file) || known) };
}

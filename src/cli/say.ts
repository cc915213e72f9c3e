// What a command says while it works.

import { printable } from '../status/printable.ts';

/** One line, or several, on stderr. */
export function say(text: string): void {
  process.stderr.write(`${printable(text)}\n`);
}

// What a command says while it works.

import { printable } from '../view/printable.ts';

/** A line that the job's code printed, beside its tasks in workers. */
export function sayPrinted(line: string): void {
  say(`[job] ${line}`);
}

/** One line, or several, on stderr. */
export function say(text: string): void {
  process.stderr.write(`${printable(text)}\n`);
}

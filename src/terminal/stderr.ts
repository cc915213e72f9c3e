// Writes to stderr what a command reports while it works.

import { printable } from '../view/printable.ts';

/** Prints a line that the job's code printed outside of its tasks. */
export function sayPrinted(line: string): void {
  say(`[job] ${line}`);
}

/** Prints one or several lines. */
export function say(text: string): void {
  process.stderr.write(`${printable(text)}\n`);
}

// Reads the limits of this process that a shell sets (`ulimit`), as far as the system reveals them.

import { readdirSync, readFileSync } from 'node:fs';

/** How many more files this process may open; Infinity if that is unknown. */
export function freeDescriptors(): number {
  try {
    return (softLimit('Max open files') ?? Infinity) - readdirSync('/proc/self/fd').length;
  } catch {
    return Infinity;
  }
}

/** The limit of the address space, in the words of an error; undefined if it is unlimited or unknown. */
export function addressSpaceLimit(): string | undefined {
  const bytes = softLimit('Max address space');
  return bytes === undefined ? undefined : `ulimit -v ${Math.round(bytes / 1024)}`;
}

/** The message of an error if that limit is reached. */
export function outOfAddresses(limit: string): string {
  return `expected room in the address space for a thread with its heap, found its limit met (${limit}); raise it, or take it away: ulimit -v unlimited`;
}

/** Undefined if it is unlimited, or there is no /proc. */
function softLimit(name: string): number | undefined {
  try {
    const found = new RegExp(`^${name} +(\\d+) `, 'm').exec(readFileSync('/proc/self/limits', 'utf8'));
    return found === null ? undefined : Number(found[1]);
  } catch {
    return undefined;
  }
}

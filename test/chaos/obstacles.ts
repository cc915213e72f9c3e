// Tracks what faults have put in the place of state files, which only a person may remove.

import { existsSync, lstatSync, rmSync } from 'node:fs';
import { basename } from 'node:path';

export class Obstacles {
  readonly #paths = new Set<string>();

  /** Permits drivers to report that something else is at this path. */
  add(path: string): void {
    this.#paths.add(path);
  }

  /** Whether a path is an obstacle, is in one, or is a folder that contains one. */
  concern(path: string): boolean {
    return [...this.#paths].some(
      (obstacle) => `${obstacle}/`.startsWith(`${path}/`) || path.startsWith(`${obstacle}/`),
    );
  }

  /** Whether a driver's message names an obstacle. */
  isNamedIn(message: string): boolean {
    return this.#named(message).length > 0;
  }

  /** Follows the advice of such a message: removes the named obstacles. */
  clear(message: string): void {
    for (const path of this.#named(message)) {
      if (basename(path) === 'lock' || !lstatSync(path).isFile()) rmSync(path, { recursive: true });
      this.#paths.delete(path);
    }
  }

  #named(message: string): string[] {
    return [...this.#paths].filter((path) => message.includes(`${path}:`) && existsSync(path));
  }
}

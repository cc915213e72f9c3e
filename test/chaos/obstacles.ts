// What faults have put in the place of state files, and nothing but a person may remove.

import { existsSync, lstatSync, rmSync } from 'node:fs';
import { basename } from 'node:path';

export class Obstacles {
  readonly #paths = new Set<string>();

  /** From now on a driver may say of a path that something else stands there. */
  add(path: string): void {
    this.#paths.add(path);
  }

  /** Whether a path is one of them, in one of them, or a folder that has one in it. */
  concern(path: string): boolean {
    return [...this.#paths].some(
      (obstacle) => `${obstacle}/`.startsWith(`${path}/`) || path.startsWith(`${obstacle}/`),
    );
  }

  /** Whether a driver that says so has met one. */
  isNamedIn(message: string): boolean {
    return this.#named(message).length > 0;
  }

  /** Does what such a message advises: moves what is named out of the way. */
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

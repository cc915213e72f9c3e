// Where the user's code is, for those who ask when it does not return, or when its process is gone.

import { closeSync, openSync, rmSync, writeSync } from 'node:fs';

import type { Place } from '../protocol.ts';
import { placeMarkLine } from '../workspace/place-mark.ts';
import { refusedWrite, withRoom } from '../machine/full-disk.ts';

/** How much of a key a place tells, in UTF-16 code units. */
const KEY_LENGTH = 200;
/** In as many bytes of UTF-8 that much is whole. */
export const PLACE_KEY_BYTES = KEY_LENGTH * 4;

/** The place of a key, cut where it is long, but not inside of a character. */
export function keyPlace(key: string, of?: 'combine'): Place {
  const cut = key.slice(0, KEY_LENGTH);
  const whole = key.length > KEY_LENGTH ? cut.replace(/[\ud800-\udbff]$/, '') : cut;
  return of === undefined ? { key: whole } : { key: whole, of };
}

/** The file in which a careful attempt says which record it is about to run. It outlives the process, not the attempt. */
export class RecordMark implements Disposable {
  readonly #path: string;
  readonly #fd: number;

  constructor(path: string) {
    this.#path = path;
    this.#fd = withRoom(path, 0, () => openSync(path, 'w'));
  }

  /** Writes over the last place; what it leaves of a longer one stands behind the line's end. */
  write(place: Place): void {
    const line = Buffer.from(placeMarkLine(place));
    try {
      writeSync(this.#fd, line, 0, line.length, 0);
    } catch (error) {
      throw refusedWrite(error, this.#path, line.length);
    }
  }

  [Symbol.dispose](): void {
    closeSync(this.#fd);
    rmSync(this.#path, { force: true });
  }
}

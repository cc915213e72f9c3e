// Records where the user's code is, to be read if the code does not return, or if its process dies.

import { closeSync, openSync, rmSync, writeSync } from 'node:fs';

import type { Place } from '../protocol.ts';
import { placeMarkLine } from '../workspace/place-mark.ts';
import { refusedWrite, withRoom } from '../machine/full-disk.ts';

/** The maximum length of a key in a place, in UTF-16 code units. */
const KEY_LENGTH = 200;
/** The maximum length of such a key in UTF-8, in bytes. */
export const PLACE_KEY_BYTES = KEY_LENGTH * 4;

/** Returns the place of a key. A long key is cut, but not inside a character. */
export function keyPlace(key: string, of?: 'combine'): Place {
  const cut = key.slice(0, KEY_LENGTH);
  const whole = key.length > KEY_LENGTH ? cut.replace(/[\ud800-\udbff]$/, '') : cut;
  return of === undefined ? { key: whole } : { key: whole, of };
}

/** The file in which a careful attempt writes each record before it runs it. It outlives the process, but not the attempt. */
export class RecordMark implements Disposable {
  readonly #path: string;
  readonly #fd: number;

  constructor(path: string) {
    this.#path = path;
    this.#fd = withRoom(path, 0, () => openSync(path, 'w'));
  }

  /** Overwrites the last place. The rest of a longer one remains after the end of the line. */
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

// Opens the driver's own server a moment after its run has begun, and closes it when the run ends.

import type { Door } from './joining.ts';

/** The delay before the server opens: in a shorter run nobody could use it, and it would take a tenth of the time. */
const DELAY_MS = 800;

export interface LateDoorOptions {
  readonly open: () => Promise<Door>;
  /** Called with its URL once the server listens, unless the run has ended meanwhile and the server closes with it. */
  readonly onListening: (url: string) => void;
  readonly onError: (error: unknown) => void;
  /** Takes the server over when the run ends. With it, the server opens at once. */
  readonly keepOpen: ((door: Door) => void) | undefined;
}

export class LateDoor {
  readonly #options: LateDoorOptions;
  readonly #timer: NodeJS.Timeout;
  #opening: Promise<Door> | undefined;
  #isClosing = false;

  constructor(options: LateDoorOptions) {
    this.#options = options;
    const begin = (): void => {
      this.#opening = this.#open();
      this.#opening.catch(options.onError);
    };
    this.#timer = setTimeout(begin, options.keepOpen === undefined ? DELAY_MS : 0);
  }

  /** Closes the server, or hands it over to `keepOpen`. A server that is just being opened is waited for. */
  async close(): Promise<void> {
    this.#isClosing = true;
    clearTimeout(this.#timer);
    const door = await this.#opening?.catch(() => undefined);
    if (door !== undefined && this.#options.keepOpen !== undefined) this.#options.keepOpen(door);
    else await door?.close();
  }

  async #open(): Promise<Door> {
    const door = await this.#options.open();
    if (!this.#isClosing || this.#options.keepOpen !== undefined) this.#options.onListening(door.url);
    return door;
  }
}

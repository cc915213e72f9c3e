// Syncs a folder, and lets commits share a sync: all that arrive while one sync is in progress wait for the next one.

export class GroupedSyncs {
  readonly #syncFolder: () => Promise<void>;
  #running: Promise<void> | undefined;
  /** Begins when the running sync has ended, so it covers whatever was done before. */
  #next: Promise<void> | undefined;

  constructor(syncFolder: () => Promise<void>) {
    this.#syncFolder = syncFolder;
  }

  /** Waits for a sync that began after this was called. */
  sync(): Promise<void> {
    if (this.#running === undefined) return this.#start();
    this.#next ??= this.#running.then(
      () => this.#start(),
      () => this.#start(),
    );
    return this.#next;
  }

  async #start(): Promise<void> {
    this.#next = undefined;
    const running = this.#syncFolder();
    this.#running = running;
    try {
      await running;
    } finally {
      if (this.#next === undefined) this.#running = undefined;
    }
  }
}

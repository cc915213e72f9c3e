// Syncs folders, and lets commits share a sync: while one runs, those that come wait for the next, all for the same one.

interface Syncs {
  readonly running: Promise<void>;
  /** Begins when the running one has ended, so it takes in all that was done before. */
  next: Promise<void> | undefined;
}

export class GroupedSyncs {
  readonly #syncFolder: (folder: string) => Promise<void>;
  readonly #byFolder = new Map<string, Syncs>();

  constructor(syncFolder: (folder: string) => Promise<void>) {
    this.#syncFolder = syncFolder;
  }

  /** Waits for a sync of the folder that began after this was called. */
  sync(folder: string): Promise<void> {
    const syncs = this.#byFolder.get(folder);
    if (syncs === undefined) return this.#start(folder);
    syncs.next ??= syncs.running.then(
      () => this.#start(folder),
      () => this.#start(folder),
    );
    return syncs.next;
  }

  async #start(folder: string): Promise<void> {
    const running = this.#syncFolder(folder);
    const syncs: Syncs = { running, next: undefined };
    this.#byFolder.set(folder, syncs);
    try {
      await running;
    } finally {
      if (syncs.next === undefined) this.#byFolder.delete(folder);
    }
  }
}

// The journal of a simulated run: a text that grows at its end. A driver's death can tear its last line. The machine's death also takes
// the last lines, which are not synced one by one.

export class JournalFile {
  #lines: string[] = [];

  get text(): string {
    return this.#lines.join('');
  }

  append(lines: readonly string[]): void {
    this.#lines.push(...lines);
  }

  /** Keeps a part of the last line: a fraction from 0 to 1. */
  tear(part: number): void {
    // The first line was synced before anything began.
    if (this.#lines.length < 2) return;
    const last = this.#lines.pop()!;
    this.#lines.push(last.slice(0, Math.floor(part * last.length)));
  }

  /** Loses the last lines, which are not on the disk yet. */
  lose(count: number): void {
    this.#lines.length = Math.max(1, this.#lines.length - count);
  }

  /** Replaces the journal by its whole lines. The next driver continues after them. */
  mend(text: string): void {
    this.#lines = text.split(/(?<=\n)/);
  }
}

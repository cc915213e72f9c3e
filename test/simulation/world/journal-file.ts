// The journal of a simulated run: a text that grows at its end. A driver's death can tear its last line, and the machine's takes
// the last lines with it, which are not synced one by one.

export class JournalFile {
  #lines: string[] = [];

  get text(): string {
    return this.#lines.join('');
  }

  append(lines: readonly string[]): void {
    this.#lines.push(...lines);
  }

  /** Leaves so much of the last line, from 0 to 1. */
  tear(part: number): void {
    // The first line was synced before anything began.
    if (this.#lines.length < 2) return;
    const last = this.#lines.pop()!;
    this.#lines.push(last.slice(0, Math.floor(part * last.length)));
  }

  /** The disk has not got the last lines yet: they go with the machine. */
  lose(count: number): void {
    this.#lines.length = Math.max(1, this.#lines.length - count);
  }

  /** The next driver goes on after the last line that is whole. */
  mend(text: string): void {
    this.#lines = text.split(/(?<=\n)/);
  }
}

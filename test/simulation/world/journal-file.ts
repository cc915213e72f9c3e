// The journal of a simulated run: a text that grows at its end, and whose last line a driver's death can tear.

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

  /** The next driver goes on after the last line that is whole. */
  mend(text: string): void {
    this.#lines = [text];
  }
}

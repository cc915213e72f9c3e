// Finds the first line, in the order of bytes, that two streams do not have equally often. It takes several passes, each of which
// holds as many of the next lines as there is memory for.

import { type BoundedLine, boundedLines } from './bounded-lines.ts';

/** A longer key or value is represented by its begin and a checksum of the rest. */
const MOST_LINE_BYTES = 1 << 20;
/** The memory that a line takes beside its bytes. */
const LINE_BYTES = 100;

/** Returns the bytes of a stream, each time from its start. */
export type Reread = () => Iterable<Buffer>;

/** The first lines that differ if both streams are sorted; undefined at the end of a stream. */
export interface Difference {
  readonly expected: string | undefined;
  readonly found: string | undefined;
}

/** The first difference of two streams; undefined if both have the same lines. */
export function firstDifference(expected: Reread, found: Reread, mostBytes: number): Difference | undefined {
  let window: LineWindow | undefined;
  do {
    window = new LineWindow(window?.end, mostBytes);
    for (const line of linesOf(expected)) window.add(line, 1);
    for (const line of linesOf(found)) window.add(line, -1);
    const first = window.first();
    if (first === undefined) continue;
    const { line, isExpected } = first;
    const other = lineAfter(line, isExpected ? found : expected);
    return isExpected
      ? { expected: textOf(line), found: textOf(other) }
      : { expected: textOf(other), found: textOf(line) };
  } while (window.end !== undefined);
  return undefined;
}

/** The lines of one pass, and how many more of each are expected than were found. Each character of a line is a byte. */
class LineWindow {
  /** The first line that has no room in this pass; undefined if all lines have. */
  end: string | undefined;
  readonly #from: string | undefined;
  readonly #mostBytes: number;
  readonly #surplus = new Map<string, number>();
  #bytes = 0;

  constructor(from: string | undefined, mostBytes: number) {
    this.#from = from;
    this.#mostBytes = mostBytes;
  }

  add(line: string, count: number): void {
    if ((this.#from !== undefined && line < this.#from) || (this.end !== undefined && line >= this.end)) return;
    const before = this.#surplus.get(line);
    this.#surplus.set(line, (before ?? 0) + count);
    if (before !== undefined) return;
    this.#bytes += LINE_BYTES + line.length;
    if (this.#bytes > this.#mostBytes) this.#shrink();
  }

  /** The first line that the streams do not have equally often, and whether it is expected more often than it was found. */
  first(): { readonly line: string; readonly isExpected: boolean } | undefined {
    let first: string | undefined;
    for (const [line, surplus] of this.#surplus)
      if (surplus !== 0 && (first === undefined || line < first)) first = line;
    return first === undefined ? undefined : { line: first, isExpected: this.#surplus.get(first)! > 0 };
  }

  /** Keeps the first lines, up to half of the memory, and at least one. */
  #shrink(): void {
    const lines = [...this.#surplus.keys()].sort();
    this.#bytes = 0;
    for (const [index, line] of lines.entries()) {
      if (index > 0 && this.#bytes + LINE_BYTES + line.length > this.#mostBytes / 2) {
        this.end = line;
        for (const dropped of lines.slice(index)) this.#surplus.delete(dropped);
        return;
      }
      this.#bytes += LINE_BYTES + line.length;
    }
  }
}

function lineAfter(line: string, stream: Reread): string | undefined {
  let next: string | undefined;
  for (const other of linesOf(stream)) if (other > line && (next === undefined || other < next)) next = other;
  return next;
}

function* linesOf(stream: Reread): Generator<string> {
  for (const line of boundedLines(stream(), MOST_LINE_BYTES)) yield heldOf(line);
}

function heldOf({ buffer, start, end, leftOut }: BoundedLine): string {
  const held = buffer.toString('latin1', start, end);
  return leftOut === undefined ? held : `${held}... (${leftOut.bytes} more bytes, of checksum ${leftOut.checksum})`;
}

function textOf(line: string | undefined): string | undefined {
  return line === undefined ? undefined : Buffer.from(line, 'latin1').toString();
}

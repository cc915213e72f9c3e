// Reads the lines of a response as they arrive, in pieces that end anywhere. Uses bounded memory.

import * as v from 'valibot';

import { messageOf } from '../../errors.ts';
import { AnswerLine, MAX_RESPONSE_LINE_BYTES } from '../../protocol.ts';

const LF = 0x0a;
/** A progress line that is followed by this much more is outdated, and is skipped: so a worker cannot flood us with progress. */
const FLOOD_BYTES = 4096;
/** The beginning of a progress line. */
const PROGRESS = '{"type":"progress",';

/** The response of a worker does not follow the protocol. */
export class UnreadableAnswerError extends Error {
  override readonly name = 'UnreadableAnswerError';
}

export class AnswerLines {
  /** The last line that was read. */
  last: AnswerLine | undefined;
  readonly #heard: (line: AnswerLine) => void;
  /** The line that has not ended yet. */
  #pieces: Buffer[] = [];
  #bytes = 0;

  constructor(heard: (line: AnswerLine) => void) {
    this.#heard = heard;
  }

  /** @throws UnreadableAnswerError if a line is too long, or not one of the protocol */
  add(bytes: Buffer): void {
    let start = 0;
    for (let end = bytes.indexOf(LF); end !== -1; end = bytes.indexOf(LF, start)) {
      this.#keep(bytes.subarray(start, end));
      this.#endLine(bytes.length - end > FLOOD_BYTES && beginsProgress(bytes, end + 1));
      start = end + 1;
    }
    this.#keep(bytes.subarray(start));
  }

  #keep(piece: Buffer): void {
    this.#bytes += piece.length;
    if (this.#bytes > MAX_RESPONSE_LINE_BYTES) {
      throw new UnreadableAnswerError(
        `expected lines of at most ${MAX_RESPONSE_LINE_BYTES / 1024 ** 2} MiB, found a longer one, which begins with ${this.#text(200)}`,
      );
    }
    if (piece.length > 0) this.#pieces.push(piece);
  }

  #endLine(isFlood: boolean): void {
    const line = isFlood && this.#text(PROGRESS.length) === PROGRESS ? undefined : parseLine(this.#text());
    this.#pieces = [];
    this.#bytes = 0;
    if (line === undefined) return;
    this.last = line;
    this.#heard(line);
  }

  #text(mostBytes?: number): string {
    return Buffer.concat(this.#pieces).toString('utf8', 0, mostBytes);
  }
}

function beginsProgress(bytes: Buffer, at: number): boolean {
  return bytes.toString('latin1', at, at + PROGRESS.length) === PROGRESS;
}

function parseLine(text: string): AnswerLine {
  try {
    return v.parse(AnswerLine, JSON.parse(text));
  } catch (error) {
    throw new UnreadableAnswerError(
      `expected a line of the protocol, found ${text.slice(0, 200)} (${messageOf(error).slice(0, 200)})`,
      { cause: error },
    );
  }
}

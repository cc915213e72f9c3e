// Serves `GET /events` as server-sent events. A reader that connects, or reconnects, first gets the whole record, and then the
// changes, at most four times a second. All readers get the same changes; nothing is kept for readers that have left.

import type { ServerResponse } from 'node:http';

import type { RunView } from '../view/fold.ts';
import { STREAM_HEADERS } from './event-headers.ts';

const EVERY_MS = 250;
/** A connection that has broken silently is noticed only when something is written to it. */
const SIGN_OF_LIFE_MS = 15_000;
/** A reader that falls this far behind is cut off. It reconnects, and gets the whole record. */
const MOST_UNREAD_BYTES = 16 * 1024 * 1024;

export class EventStream {
  readonly #view: RunView;
  readonly #nowMs: () => number;
  readonly #readers = new Set<ServerResponse>();
  #timer: NodeJS.Timeout | undefined;
  #sign: NodeJS.Timeout | undefined;
  #id = 0;

  /** `nowMs` is the time in the run, in milliseconds since 1970. */
  constructor(view: RunView, nowMs: () => number) {
    this.#view = view;
    this.#nowMs = nowMs;
  }

  /** Sends a reader the record, and then changes until it leaves. */
  add(response: ServerResponse): void {
    // The record contains the changes that the other readers have not got yet.
    this.#sendChange();
    response.writeHead(200, STREAM_HEADERS);
    response.write(`retry: 1000\n${this.#event('snapshot', { clockMs: this.#clockMs(), record: this.#view.record })}`);
    this.#readers.add(response);
    response.once('close', () => this.#remove(response));
    this.#timer ??= setInterval(() => this.#sendChange(), EVERY_MS).unref();
    this.#sign ??= setInterval(() => this.#send(':\n\n'), SIGN_OF_LIFE_MS).unref();
  }

  /** Sends the last change and `end`, and waits until every reader has got them. */
  async end(): Promise<void> {
    this.#sendChange();
    const bye = this.#event('end', {});
    await Promise.all(Array.from(this.#readers, (reader) => new Promise<void>((done) => reader.end(bye, done))));
  }

  #sendChange(): void {
    if (!this.#view.hasChanged) return;
    const change = this.#view.takeChange();
    if (this.#readers.size > 0) this.#send(this.#event('change', { clockMs: this.#clockMs(), change }));
  }

  #send(text: string): void {
    for (const reader of this.#readers) {
      if (reader.writableLength > MOST_UNREAD_BYTES) reader.destroy();
      else reader.write(text);
    }
  }

  #remove(reader: ServerResponse): void {
    this.#readers.delete(reader);
    if (this.#readers.size > 0) return;
    clearInterval(this.#timer);
    clearInterval(this.#sign);
    this.#timer = this.#sign = undefined;
  }

  #event(name: string, data: object): string {
    return `id: ${++this.#id}\nevent: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
  }

  /** The time since the run began, in milliseconds. The clock of a page may differ from ours. */
  #clockMs(): number {
    return this.#nowMs() - this.#view.startedAt;
  }
}

// `GET /events`: server-sent events. Who connects, also again, gets the whole record first, then what changes, at most four
// times a second for all who look. Nothing is kept for who is not there.

import type { ServerResponse } from 'node:http';

import type { RunView } from '../view/fold.ts';
import { STREAM_HEADERS } from './event-headers.ts';

const EVERY_MS = 250;
/** A page that has gone away without a word shows when something is written to it. */
const SIGN_OF_LIFE_MS = 15_000;
/** Who reads so much more slowly than we write is cut off: he comes again, and gets the whole. */
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

  /** Sends a reader all, and goes on until he leaves. */
  add(response: ServerResponse): void {
    // What the others have not heard yet is in what this one hears first.
    this.#sendChange();
    response.writeHead(200, STREAM_HEADERS);
    response.write(`retry: 1000\n${this.#event('snapshot', { clockMs: this.#clockMs(), record: this.#view.record })}`);
    this.#readers.add(response);
    response.once('close', () => this.#remove(response));
    this.#timer ??= setInterval(() => this.#sendChange(), EVERY_MS).unref();
    this.#sign ??= setInterval(() => this.#send(':\n\n'), SIGN_OF_LIFE_MS).unref();
  }

  /** Tells what is left to tell, says that nothing follows, and waits until everybody has got it. */
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

  /** Milliseconds since the run began: the page's clock may be another. */
  #clockMs(): number {
    return this.#nowMs() - this.#view.startedAt;
  }
}

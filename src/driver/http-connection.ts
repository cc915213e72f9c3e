// One kept-alive HTTP connection: undici's Pool, and of undici nothing else.

import type { IncomingHttpHeaders } from 'node:http';

import type { Dispatcher } from 'undici';
// The whole of undici, with fetch, WebSocket, caches and mocks, takes three times as long to load (69 ms, 22 ms).
import Pool from 'undici/lib/dispatcher/pool.js';

export interface HttpRequest {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** How long the answer may stay away, and how long it may then say nothing. */
  readonly silenceMs: number;
  /** Hears the body of an answer with status 200, as it comes. */
  readonly onData: (bytes: Buffer) => void;
  /** Ends the request, and with it the connection that it has. */
  readonly cancel?: AbortSignal | undefined;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** The body of an answer with another status than 200. */
  readonly refusal: string;
}

export class HttpConnection {
  readonly #pool: Pool;

  constructor(url: string, connectTimeoutMs: number) {
    this.#pool = new Pool(url, { connections: 1, connect: { timeout: connectTimeoutMs } });
  }

  /** Asks, and waits for the end of the answer. Rejects with what undici says where the connection fails. */
  request({ silenceMs, onData, method, path, headers, body, cancel }: HttpRequest): Promise<HttpAnswer> {
    return new Promise((resolve, reject) => {
      const options = { method, path, headers: { ...headers }, headersTimeout: silenceMs, bodyTimeout: silenceMs };
      this.#pool.dispatch({ ...options, body: body ?? null }, new Listener({ onData, resolve, reject, cancel }));
    });
  }

  /** Ends every request and the connection. */
  async close(): Promise<void> {
    await this.#pool.destroy();
  }
}

interface Listeners {
  readonly onData: (bytes: Buffer) => void;
  readonly resolve: (answer: HttpAnswer) => void;
  readonly reject: (error: unknown) => void;
  readonly cancel: AbortSignal | undefined;
}

/** Hears an answer without a stream in between, which costs as much as all the rest of a short request. */
class Listener implements Dispatcher.DispatchHandler {
  readonly #to: Listeners;
  #status = 0;
  #headers: IncomingHttpHeaders = {};
  readonly #refusal: Buffer[] = [];

  constructor(to: Listeners) {
    this.#to = to;
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    const { cancel } = this.#to;
    const abort = (): void => controller.abort(new Error('cancelled'));
    if (cancel?.aborted === true) abort();
    else cancel?.addEventListener('abort', abort, { once: true });
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders): void {
    this.#status = status;
    this.#headers = headers;
  }

  onResponseData(_controller: Dispatcher.DispatchController, bytes: Buffer): void {
    if (this.#status === 200) this.#to.onData(bytes);
    else this.#refusal.push(bytes);
  }

  onResponseEnd(): void {
    const refusal = Buffer.concat(this.#refusal).toString('utf8');
    this.#to.resolve({ status: this.#status, headers: this.#headers, refusal });
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#to.reject(error);
  }
}

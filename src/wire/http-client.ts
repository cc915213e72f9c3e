// The HTTP client as driver and worker have it: one connection at a time, kept alive, over which nothing is asked before
// its far end has proved to have the token. A connection that is lost is not mended but followed by another, which must
// prove itself as well: the port may have gone to somebody else.

import { once } from 'node:events';
import type { IncomingHttpHeaders } from 'node:http';
import { connect, type Socket } from 'node:net';

import type { Dispatcher } from 'undici';
// The whole of undici, with fetch, WebSocket, caches and mocks, takes three times as long to load (69 ms, 22 ms).
import Client from 'undici/lib/dispatcher/client.js';

import { codeOf } from '../errors.ts';
import {
  CHALLENGE_HEADER,
  ConnectionKey,
  drawChallenge,
  type Listener,
  PROOF_HEADER,
  SIGNATURE_HEADER,
  type TokenSource,
} from './token-proof.ts';
import { Deadline } from '../machine/patience.ts';
import { MAX_BODY_BYTES } from '../protocol.ts';

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  readonly body?: string;
  /**
   * Hears the body of an answer with status 200 as it comes. If it throws, the request fails with that, and its
   * connection is closed. Without it the body is in the answer.
   */
  readonly onData?: (bytes: Buffer) => void;
  /** Ends the request, and with it the connection that it has. */
  readonly cancel?: AbortSignal;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** What `onData` did not hear: at most 64 KiB. A longer one fails the request with TooLongError. */
  readonly body: string;
}

/** Who listens has not proved to have the token. It has been told nothing. */
export class UnprovenError extends Error {
  override readonly name = 'UnprovenError';
  /** What it answered to the challenge. */
  readonly answer: HttpAnswer;

  constructor(answer: HttpAnswer) {
    super('who listens there has not proved to have the token');
    this.answer = answer;
  }
}

/** An answer is longer than any that can be meant. */
export class TooLongError extends Error {
  override readonly name = 'TooLongError';
}

/** Nothing was heard for too long. */
export function isSilence(error: unknown): boolean {
  const code = codeOf(error);
  const isTimeout = error instanceof Error && error.name === 'TimeoutError';
  return isTimeout || code === 'UND_ERR_HEADERS_TIMEOUT' || code === 'UND_ERR_BODY_TIMEOUT';
}

export interface ConnectionOptions {
  readonly url: string;
  /** Who is expected to listen. */
  readonly listener: Listener;
  readonly token: TokenSource;
  /** How long connecting and proving may take, how long an answer may stay away, and how long it may then say nothing. */
  readonly silenceMs: number;
}

/** A connection whose far end has proved itself. */
interface Proven {
  readonly client: Client;
  readonly key: ConnectionKey;
}

export class HttpConnection {
  readonly #options: ConnectionOptions;
  readonly #end = new AbortController();
  /** The connection that there is, or that is being made. */
  #proven: Promise<Proven> | undefined;

  constructor(options: ConnectionOptions) {
    this.#options = options;
  }

  /**
   * Sees that there is a connection, and that its far end has proved itself.
   * @throws UnprovenError if it does not; what Node or undici says if the connection fails
   */
  async prove(): Promise<void> {
    await this.#connection();
  }

  /** Asks, and waits for the end of the answer. Rejects as `prove` does, before anything is asked, and if the answer fails. */
  async request(asked: HttpRequest): Promise<HttpAnswer> {
    try {
      return await this.#ask(asked);
    } catch (error) {
      // It was lost before this request was written.
      if (!(error instanceof GoneError)) throw error;
      return this.#ask(asked);
    }
  }

  /** Ends every request and the connection. */
  async close(): Promise<void> {
    this.#end.abort();
    const proven = await this.#proven?.catch(() => undefined);
    await proven?.client.destroy();
  }

  async #ask(asked: HttpRequest): Promise<HttpAnswer> {
    const { client, key } = await this.#connection();
    asked.cancel?.throwIfAborted();
    // Signed in the order in which the requests are sent: a number on the connection may be left out, not come late.
    const signature = key.sign(asked.method, asked.path, asked.body ?? '');
    return send(client, asked, { [SIGNATURE_HEADER]: signature }, this.#options.silenceMs);
  }

  #connection(): Promise<Proven> {
    if (this.#proven !== undefined) return this.#proven;
    const proven = this.#connect();
    const forget = (): void => {
      if (this.#proven === proven) this.#proven = undefined;
    };
    proven.then(({ client }) => client.once('disconnect', forget), forget);
    return (this.#proven = proven);
  }

  async #connect(): Promise<Proven> {
    const { url, listener, token, silenceMs } = this.#options;
    using deadline = new Deadline(silenceMs);
    const cancel = AbortSignal.any([this.#end.signal, deadline.signal]);
    const socket = await dial(url, cancel);
    const client = new Client(url, { connect: onceOver(socket) });
    try {
      const challenge = drawChallenge();
      const asked = { method: 'GET', path: '/health', cancel } as const;
      const answer = await send(client, asked, { [CHALLENGE_HEADER]: challenge }, silenceMs);
      const key = ConnectionKey.proved(token.current(), listener, socket, challenge, answer.headers[PROOF_HEADER]);
      if (key === undefined) throw new UnprovenError(answer);
      return { client, key };
    } catch (error) {
      await client.destroy();
      socket.destroy();
      throw error;
    }
  }
}

async function dial(url: string, cancel: AbortSignal): Promise<Socket> {
  const { hostname, port } = new URL(url);
  const socket = connect({
    host: hostname.replace(/^\[|\]$/g, ''),
    port: Number(port),
    noDelay: true,
    keepAlive: true,
  });
  try {
    await once(socket, 'connect', { signal: cancel });
    return socket;
  } catch (error) {
    socket.on('error', () => {}).destroy();
    throw cancel.aborted ? cancel.reason : error;
  }
}

/** The connection is gone, and what was to be asked over it was not. */
class GoneError extends Error {
  override readonly name = 'GoneError';
}

/** undici connects again by itself: then it must not get another connection. */
function onceOver(socket: Socket): NonNullable<Client.Options['connect']> {
  let left: Socket | undefined = socket;
  return (_options, callback) => {
    const taken = left;
    left = undefined;
    // undici counts on not getting it at once.
    queueMicrotask(() => {
      if (taken === undefined) callback(new GoneError('the connection is gone'), null);
      else callback(null, taken);
    });
  };
}

function send(
  client: Client,
  { method, path, body, onData, cancel }: HttpRequest,
  headers: Record<string, string>,
  silenceMs: number,
): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const type = body === undefined ? {} : { 'content-type': 'application/json' };
    const options = { method, path, body: body ?? null, headersTimeout: silenceMs, bodyTimeout: silenceMs };
    client.dispatch({ ...options, headers: { ...headers, ...type } }, new Answer({ onData, resolve, reject, cancel }));
  });
}

interface Listeners {
  readonly onData: ((bytes: Buffer) => void) | undefined;
  readonly resolve: (answer: HttpAnswer) => void;
  readonly reject: (error: unknown) => void;
  readonly cancel: AbortSignal | undefined;
}

/** Hears an answer without a stream in between, which costs as much as all the rest of a short request. */
class Answer implements Dispatcher.DispatchHandler {
  readonly #to: Listeners;
  #abort: (() => void) | undefined;
  #status = 0;
  #headers: IncomingHttpHeaders = {};
  readonly #body: Buffer[] = [];
  #bodyBytes = 0;

  constructor(to: Listeners) {
    this.#to = to;
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    const { cancel } = this.#to;
    if (cancel === undefined) return;
    this.#abort = () => controller.abort(cancel.reason as Error);
    if (cancel.aborted) this.#abort();
    else cancel.addEventListener('abort', this.#abort, { once: true });
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders): void {
    this.#status = status;
    this.#headers = headers;
  }

  onResponseData(_controller: Dispatcher.DispatchController, bytes: Buffer): void {
    const { onData } = this.#to;
    if (this.#status === 200 && onData !== undefined) return onData(bytes);
    this.#bodyBytes += bytes.length;
    if (this.#bodyBytes > MAX_BODY_BYTES) {
      throw new TooLongError(`expected an answer of at most ${MAX_BODY_BYTES} bytes, found a longer one`);
    }
    this.#body.push(bytes);
  }

  onResponseEnd(): void {
    this.#done();
    this.#to.resolve({
      status: this.#status,
      headers: this.#headers,
      body: Buffer.concat(this.#body).toString('utf8'),
    });
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#done();
    this.#to.reject(error);
  }

  #done(): void {
    if (this.#abort !== undefined) this.#to.cancel?.removeEventListener('abort', this.#abort);
  }
}

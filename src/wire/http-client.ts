// The HTTP client of driver and worker: one kept-alive connection at a time. No request is sent before the far end has proved
// that it has the token. After a lost connection a new one is made, whose far end must prove itself again: another process
// may have the port by then.

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
   * Receives the body of a response with status 200 piece by piece. If it throws, the request fails with that error, and
   * its connection is closed. Without it the whole body is in the answer.
   */
  readonly onData?: (bytes: Buffer) => void;
  /** Aborts the request, and closes its connection. */
  readonly cancel?: AbortSignal;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** The body, unless `onData` received it: at most 64 KiB. A longer one fails the request with TooLongError. */
  readonly body: string;
}

/** The listener has not proved that it has the token. Nothing was sent to it but a challenge. */
export class UnprovenError extends Error {
  override readonly name = 'UnprovenError';
  /** Its reply to the challenge. */
  readonly answer: HttpAnswer;

  constructor(answer: HttpAnswer) {
    super('the process that listens there has not proved that it has the token');
    this.answer = answer;
  }
}

/** A response is longer than any that the protocol allows. */
export class TooLongError extends Error {
  override readonly name = 'TooLongError';
}

/** Whether a request failed because nothing arrived for too long. */
export function isSilence(error: unknown): boolean {
  const code = codeOf(error);
  const isTimeout = error instanceof Error && error.name === 'TimeoutError';
  return isTimeout || code === 'UND_ERR_HEADERS_TIMEOUT' || code === 'UND_ERR_BODY_TIMEOUT';
}

export interface ConnectionOptions {
  readonly url: string;
  /** The role that the listener is expected to have. */
  readonly listener: Listener;
  readonly token: TokenSource;
  /** The limit for connecting and proving, for the wait for a response, and for each pause in it. */
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
  /** The connection, once it is made and proved. */
  #proven: Promise<Proven> | undefined;

  constructor(options: ConnectionOptions) {
    this.#options = options;
  }

  /**
   * Makes sure that there is a connection whose far end has proved itself.
   * @throws UnprovenError if the far end does not; the error of Node or undici if the connection fails
   */
  async prove(): Promise<void> {
    await this.#connection();
  }

  /** Sends a request and waits for the end of the response. Throws what `prove` throws, and if the response fails. */
  async request(asked: HttpRequest): Promise<HttpAnswer> {
    try {
      return await this.#ask(asked);
    } catch (error) {
      // The connection was lost before this request was written to it.
      if (!(error instanceof GoneError)) throw error;
      return this.#ask(asked);
    }
  }

  /** Aborts every request and closes the connection. */
  async close(): Promise<void> {
    this.#end.abort();
    const proven = await this.#proven?.catch(() => undefined);
    await proven?.client.destroy();
  }

  async #ask(asked: HttpRequest): Promise<HttpAnswer> {
    const { client, key } = await this.#connection();
    asked.cancel?.throwIfAborted();
    // Signed in the order in which requests are sent: a number may be missing on the connection, but not arrive late.
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

/** The connection was lost before the request was sent over it. */
class GoneError extends Error {
  override readonly name = 'GoneError';
}

/** Hands over the socket once. undici would reconnect without a new proof: then it gets an error. */
function onceOver(socket: Socket): NonNullable<Client.Options['connect']> {
  let left: Socket | undefined = socket;
  return (_options, callback) => {
    const taken = left;
    left = undefined;
    // undici relies on the callback being asynchronous.
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

/** Receives a response without a stream in between, which would cost as much as all the rest of a short request. */
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

// One HTTP request, and its whole answer, which is short.

import { once } from 'node:events';
import { type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http';

import { MAX_BODY_BYTES } from '../protocol.ts';

/** How long an answer may take. */
export const ANSWER_MS = 5000;

export interface Question {
  readonly method: 'GET' | 'PUT' | 'DELETE';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Of a long one the beginning. */
  readonly body: string;
}

/** Rejects with what Node says where nobody answers, with `ABORT_ERR` where that takes too long. */
export async function ask(url: string, { method, headers, body = '' }: Question): Promise<Answer> {
  const length = body === '' ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
  const outgoing = request(url, {
    method,
    headers: { ...headers, ...length },
    agent: false,
    signal: AbortSignal.timeout(ANSWER_MS),
  });
  outgoing.end(body);
  const [incoming] = (await once(outgoing, 'response')) as [IncomingMessage];
  // What fails from here on fails the reading.
  outgoing.on('error', () => {});
  let text = '';
  for await (const piece of incoming.setEncoding('utf8') as AsyncIterable<string>) {
    text += piece;
    if (text.length > MAX_BODY_BYTES) break;
  }
  return { status: incoming.statusCode ?? 0, headers: incoming.headers, body: text };
}

// Asks a worker to run an attempt, over one kept-alive connection, and reads its answer line by line.

import { randomBytes } from 'node:crypto';

import * as v from 'valibot';

import { codeOf, messageOf } from '../errors.ts';
import {
  AnswerLine,
  CHALLENGE_HEADER,
  PROOF_HEADER,
  proofOf,
  type AttemptFailure,
  type AttemptReport,
  Health,
  type TaskKind,
  type TaskRequest,
} from '../protocol.ts';
import { type HttpAnswer, HttpConnection } from './http-connection.ts';

export interface Heard {
  progressed(records: number, bytes: number): void;
  succeeded(report: AttemptReport): void;
  failed(failure: AttemptFailure): void;
  /**
   * The connection failed, or the worker was silent for too long. Not `reached`: the attempt never began, because nobody
   * listens, or who does is busy with another's or has another token.
   */
  lost(message: string, reached: boolean): void;
}

export class WorkerClient {
  readonly url: string;
  readonly #connection: HttpConnection;
  readonly #token: string;
  readonly #silenceMs: number;

  constructor(url: string, token: string, silenceMs: number) {
    this.url = url;
    this.#token = token;
    this.#silenceMs = silenceMs;
    this.#connection = new HttpConnection(url, silenceMs);
  }

  /** Who listens; undefined where nobody does, or it is no worker that has our token. */
  async health(): Promise<Health | undefined> {
    try {
      if (!(await this.#provesToken())) return undefined;
      const body: Buffer[] = [];
      const { status } = await this.#get(this.#headers(), (bytes) => body.push(bytes));
      const answer: unknown = JSON.parse(Buffer.concat(body).toString('utf8'));
      return status === 200 && v.is(Health, answer) ? answer : undefined;
    } catch {
      return undefined;
    }
  }

  /** Who listens must show that he has the token before we send it to him. */
  async #provesToken(): Promise<boolean> {
    const challenge = randomBytes(16).toString('base64url');
    const { headers } = await this.#get({ [CHALLENGE_HEADER]: challenge }, () => {});
    return headers[PROOF_HEADER] === proofOf(this.#token, challenge);
  }

  #get(headers: Record<string, string>, onData: (bytes: Buffer) => void): Promise<HttpAnswer> {
    return this.#connection.request({ method: 'GET', path: '/health', headers, silenceMs: this.#silenceMs, onData });
  }

  /** Runs an attempt on the worker. Exactly one of `succeeded`, `failed` and `lost` is called, last and once. */
  async runTask(kind: TaskKind, request: TaskRequest, heard: Heard): Promise<void> {
    const lines = new AnswerLines(heard);
    try {
      const { status, refusal } = await this.#connection.request({
        method: 'POST',
        path: `/${kind}`,
        headers: this.#headers(),
        body: JSON.stringify(request),
        silenceMs: this.#silenceMs,
        onData: (bytes) => lines.add(bytes),
      });
      if (status !== 200) {
        const answer = `the worker answered ${status}: ${refusal.slice(0, 500)}`;
        if (status === 401 || status === 409) return heard.lost(answer, false);
        return heard.failed({ kind: 'refused', message: answer });
      }
      const result = lines.last;
      if (result?.type === 'done') heard.succeeded(result.report);
      else if (result?.type === 'failed') heard.failed(result.failure);
      else heard.lost('the connection ended before the answer', true);
    } catch (error) {
      heard.lost(this.#describe(error), codeOf(error) !== 'ECONNREFUSED');
    }
  }

  /** Ends every request and its connection. */
  async close(): Promise<void> {
    await this.#connection.close();
  }

  #headers(): Record<string, string> {
    return { authorization: `Bearer ${this.#token}`, 'content-type': 'application/json' };
  }

  #describe(error: unknown): string {
    const code = codeOf(error);
    if (code === 'UND_ERR_HEADERS_TIMEOUT' || code === 'UND_ERR_BODY_TIMEOUT')
      return `silent for ${this.#silenceMs / 1000} s`;
    return `connection failed: ${messageOf(error) || 'no message'}${code === undefined ? '' : ` (${code})`}`;
  }
}

/** The lines of an answer as they come, in pieces that end anywhere. */
class AnswerLines {
  last: AnswerLine | undefined;
  readonly #heard: Heard;
  #rest = '';

  constructor(heard: Heard) {
    this.#heard = heard;
  }

  add(bytes: Buffer): void {
    const texts = (this.#rest + bytes.toString('latin1')).split('\n');
    this.#rest = texts.pop() ?? '';
    for (const text of texts) {
      this.last = parseAnswer(Buffer.from(text, 'latin1').toString('utf8'));
      if (this.last.type === 'progress') this.#heard.progressed(this.last.records, this.last.bytes);
    }
  }
}

/** A line that is no answer fails its attempt: the worker is there, and says what we do not understand. */
function parseAnswer(text: string): AnswerLine {
  try {
    return v.parse(AnswerLine, JSON.parse(text));
  } catch (error) {
    const message = `expected a line of the protocol, found ${text.slice(0, 200)} (${messageOf(error)})`;
    return { type: 'failed', failure: { kind: 'refused', message } };
  }
}

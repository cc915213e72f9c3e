// A worker among those of a driver that did not start it: joins, says again and again that it is there, and leaves. Where
// the driver goes away, it joins the next one at the same URL.

import { hostname } from 'node:os';

import { UsageError } from '../errors.ts';
import { Deadline } from '../machine/patience.ts';
import { type HttpAnswer, HttpConnection } from '../wire/http-client.ts';
import type { TokenSource } from '../wire/token-proof.ts';
import { NOTICE_EVERY_MS, PROTOCOL, type WorkerNotice } from '../protocol.ts';
import { describeStranger } from './describe-stranger.ts';

/** How long an answer of the driver may take. */
const ANSWER_MS = 5000;

export interface MembershipOptions {
  /** The driver's URL, without a path. */
  readonly driver: string;
  readonly name: string;
  readonly token: TokenSource;
  readonly isBusy: () => boolean;
  readonly say: (line: string) => void;
}

export class Membership {
  readonly #options: MembershipOptions;
  readonly #connection: HttpConnection;
  #port = 0;
  #isLeaving = false;
  /** What was found instead of a driver that takes us, in words; undefined while we are one of its workers. */
  #problem: string | undefined = 'nobody yet';
  #timer: NodeJS.Timeout | undefined;
  #noticing: Promise<void> = Promise.resolve();

  constructor(options: MembershipOptions) {
    this.#options = options;
    const { driver: url, token } = options;
    this.#connection = new HttpConnection({ url, listener: 'driver', token, silenceMs: ANSWER_MS });
  }

  /** @throws UsageError unless a driver listens that has our token. Nothing is told to anybody. */
  async meet(): Promise<void> {
    this.#expectNone(await this.#problemOf(() => this.#connection.prove()));
  }

  /**
   * Joins as the worker that listens on this port, and stays until it leaves.
   * @throws UsageError where the driver does not take it, such as where the name belongs to another worker
   */
  async join(port: number): Promise<void> {
    this.#port = port;
    this.#problem = await this.#register();
    this.#expectNone(this.#problem);
    this.#sayJoined();
    this.#noticeLater();
  }

  /** Says at once that it takes no more tasks, finishes what it has, and says that it is gone. */
  async leave(finish: () => Promise<void>): Promise<void> {
    this.#isLeaving = true;
    const finished = finish();
    this.#problem = await this.#register();
    await finished;
    await this.#noticing;
    clearTimeout(this.#timer);
    // A driver that is gone in the meantime has nothing to be told.
    if (this.#problem === undefined) await this.#tell('DELETE').catch(() => {});
    await this.#connection.close();
  }

  #expectNone(problem: string | undefined): void {
    if (problem === undefined) return;
    throw new UsageError(`--join ${this.#options.driver}: expected a running driver, found ${problem}`);
  }

  #noticeLater(): void {
    this.#timer = setTimeout(() => {
      this.#noticing = this.#notice();
      void this.#noticing.then(() => this.#noticeLater());
    }, NOTICE_EVERY_MS);
  }

  async #notice(): Promise<void> {
    const before = this.#problem;
    this.#problem = await this.#register();
    if (this.#problem === before || this.#isLeaving) return;
    if (this.#problem === undefined) return this.#sayJoined();
    const { driver, say } = this.#options;
    say(
      `no driver at ${driver} any more, found ${this.#problem}; looks for the next one every ${NOTICE_EVERY_MS / 1000} s`,
    );
  }

  /** The port may have gone to somebody else since: who that is proves it before it is told anything. */
  #register(): Promise<string | undefined> {
    return this.#problemOf(async () => {
      const { status, body } = await this.#tell('PUT', JSON.stringify(this.#self()));
      return status === 204 ? undefined : `one that refuses: ${messageIn(body)}`;
    });
  }

  /** What is found instead of a driver that takes us, in words. */
  async #problemOf(speak: () => Promise<string | void>): Promise<string | undefined> {
    try {
      return (await speak()) ?? undefined;
    } catch (error) {
      return describeStranger(error, ANSWER_MS);
    }
  }

  async #tell(method: 'PUT' | 'DELETE', body?: string): Promise<HttpAnswer> {
    using deadline = new Deadline(ANSWER_MS);
    const request = { method, path: `/workers/${this.#options.name}`, cancel: deadline.signal };
    return await this.#connection.request(body === undefined ? request : { ...request, body });
  }

  #self(): WorkerNotice {
    const state = this.#isLeaving ? 'leaving' : this.#options.isBusy() ? 'busy' : 'idle';
    return { protocol: PROTOCOL, pid: process.pid, host: hostname(), port: this.#port, state };
  }

  #sayJoined(): void {
    const { driver, name, say } = this.#options;
    say(`joined ${driver} as ${name}`);
  }
}

/** The message of a refusal, or what stands there instead. */
function messageIn(body: string): string {
  try {
    return String((JSON.parse(body) as { message: unknown }).message);
  } catch {
    return body.slice(0, 200);
  }
}

// The membership of a worker that joins a driver: joins, sends notices at regular intervals, and leaves. If the driver goes
// away, it joins the next driver at the same URL.

import { hostname } from 'node:os';

import { UsageError } from '../errors.ts';
import { Deadline } from '../machine/patience.ts';
import { type HttpAnswer, HttpConnection } from '../wire/http-client.ts';
import type { TokenSource } from '../wire/token-proof.ts';
import { NOTICE_EVERY_MS, PROTOCOL, type WorkerNotice } from '../protocol.ts';
import { describeStranger } from './describe-stranger.ts';

/** How long a response of the driver may take. */
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
  /** What was found instead of a driver that accepts us; undefined while we are one of its workers. */
  #problem: string | undefined = 'none yet';
  #timer: NodeJS.Timeout | undefined;
  #noticing: Promise<void> = Promise.resolve();

  constructor(options: MembershipOptions) {
    this.#options = options;
    const { driver: url, token } = options;
    this.#connection = new HttpConnection({ url, listener: 'driver', token, silenceMs: ANSWER_MS });
  }

  /** Checks that a driver with our token listens. Tells it nothing. @throws UsageError if not */
  async meet(): Promise<void> {
    this.#expectNoProblem(await this.#problemOf(() => this.#connection.prove()));
  }

  /**
   * Joins as the worker that listens on this port, and sends notices until `leave`.
   * @throws UsageError if the driver refuses, such as because the name belongs to another worker
   */
  async join(port: number): Promise<void> {
    this.#port = port;
    this.#problem = await this.#register();
    this.#expectNoProblem(this.#problem);
    this.#sayJoined();
    this.#noticeLater();
  }

  /** Announces that it takes no more tasks, waits until `finish` has finished the current one, and announces that it is gone. */
  async leave(finish: () => Promise<void>): Promise<void> {
    this.#isLeaving = true;
    const finished = finish();
    this.#problem = await this.#register();
    await finished;
    await this.#noticing;
    clearTimeout(this.#timer);
    // Nothing needs to be announced to a driver that is gone by now.
    if (this.#problem === undefined) await this.#tell('DELETE').catch(() => {});
    await this.#connection.close();
  }

  #expectNoProblem(problem: string | undefined): void {
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

  /** Sends a notice. Another process may have the port by now, so the far end must prove itself before it is told anything. */
  #register(): Promise<string | undefined> {
    return this.#problemOf(async () => {
      const { status, body } = await this.#tell('PUT', JSON.stringify(this.#self()));
      return status === 204 ? undefined : `one that refuses: ${messageIn(body)}`;
    });
  }

  /** Describes what is found instead of a driver that accepts us. */
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

/** The message of a refusal, or the text that is there instead. */
function messageIn(body: string): string {
  try {
    return String((JSON.parse(body) as { message: unknown }).message);
  } catch {
    return body.slice(0, 200);
  }
}

// A foreign process on one of our ports. Whatever it does, it must not learn the token.

import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** The ways in which a stranger treats a connection. */
export const BEHAVIOURS = ['passes all on to a worker', 'says nothing', 'agrees to everything', 'hangs up'] as const;
export type Behaviour = (typeof BEHAVIOURS)[number];

const YES = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 15\r\n\r\n{"status":"ok"}';
/** The beginning of our own tokens, for any receiver. */
const TOKEN = 'mr1-';
/** The port of a process that was just killed may be in use for a moment longer. */
const TRIES = 50;
const BETWEEN_TRIES_MS = 5;

export class Stranger {
  readonly port: number;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #heard: Buffer[] = [];

  private constructor(port: number, behaviour: Behaviour, relayTo: () => number | undefined) {
    this.port = port;
    this.#server = createServer((socket) => {
      this.#keep(socket);
      if (behaviour === 'hangs up') socket.destroy();
      if (behaviour === 'agrees to everything') socket.on('data', () => socket.write(YES));
      const far = behaviour === 'passes all on to a worker' ? relayTo() : undefined;
      if (far !== undefined) this.#passOn(socket, far);
    });
  }

  /** Opens a stranger on a port; undefined if the port stays in use. `relayTo` returns the port to which it may relay. */
  static async on(
    port: number,
    behaviour: Behaviour,
    relayTo: () => number | undefined,
  ): Promise<Stranger | undefined> {
    for (let tries = 0; tries < TRIES; tries++) {
      const stranger = new Stranger(port, behaviour, relayTo);
      try {
        stranger.#server.listen(port, '127.0.0.1');
        await once(stranger.#server, 'listening');
        return stranger;
      } catch {
        await delay(BETWEEN_TRIES_MS);
      }
    }
    return undefined;
  }

  /** Whether a token was seen, in either direction. */
  hasHeardToken(): boolean {
    return Buffer.concat(this.#heard).includes(TOKEN);
  }

  async leave(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('data', (bytes: Buffer) => this.#heard.push(bytes));
    socket.on('error', () => {}).on('close', () => this.#sockets.delete(socket));
  }

  #passOn(near: Socket, port: number): void {
    const far = connect(port, '127.0.0.1');
    this.#keep(far);
    near.pipe(far).pipe(near);
  }
}

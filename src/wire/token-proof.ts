// Proves to each end of a connection that the other one has the token, which itself never crosses the wire.
//
// The caller sends a random challenge. The listener replies with a challenge of its own and a proof. From the token, both
// challenges and both addresses of the connection, each end derives the same secret: the proof and the key that signs the
// requests come from it. Only the two ends of one connection have these addresses, so a proof is worth nothing on another
// connection: a process that relays bytes between two connections can use neither what it sees nor what it records.

import { createHmac, createSecretKey, hash, type KeyObject, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Socket } from 'node:net';

import { PROTOCOL } from '../protocol.ts';

/** In the first request on a connection: the challenge of the caller. */
export const CHALLENGE_HEADER = 'x-mapreduce-challenge';
/** In the reply to it: the challenge of the listener and its proof, separated by a dot. */
export const PROOF_HEADER = 'x-mapreduce-proof';
/** In each later request: its number on the connection, the digest of its body and the signature, separated by dots. */
export const SIGNATURE_HEADER = 'x-mapreduce-signature';

/** The role that a caller expects the listener to have. */
export type Listener = 'driver' | 'worker';

/** The token that driver and workers share. */
export interface TokenSource {
  /** The token at this time; empty if there is no token. */
  current(): string;
}

/** A token that does not change. */
export function fixedToken(token: string): TokenSource {
  return { current: () => token };
}

/** The two addresses of a connection. No other connection of the machine has both. */
interface Addresses {
  readonly caller: string;
  readonly listener: string;
}

const DRAWN_BYTES = 18;
const DRAWN = /^[\w-]{24}$/;
const SIGNATURE = /^(\d{1,15})\.([\w-]{43})\.([\w-]{43})$/;

export function drawChallenge(): string {
  return randomBytes(DRAWN_BYTES).toString('base64url');
}

/** The secret of one connection, which only its two ends know. */
export class ConnectionKey {
  readonly #secret: Buffer;
  readonly #signing: KeyObject;
  /** The number of the last request. */
  #last = 0;

  private constructor(
    token: string,
    listener: Listener,
    addresses: Addresses,
    callerDrew: string,
    listenerDrew: string,
  ) {
    const { caller, listener: at } = addresses;
    this.#secret = derive(token, JSON.stringify([PROTOCOL, listener, at, caller, callerDrew, listenerDrew]));
    this.#signing = createSecretKey(derive(this.#secret, 'signatures of the caller'));
  }

  /**
   * Makes the listener's key, and the value of `PROOF_HEADER` with which it replies to a challenge. Undefined if there is no
   * token, or the challenge is malformed.
   */
  static answering(
    token: string,
    listener: Listener,
    socket: Socket,
    challenge: string,
  ): { readonly key: ConnectionKey; readonly proof: string } | undefined {
    const addresses = addressesOf(socket, 'listener');
    if (token === '' || addresses === undefined || !DRAWN.test(challenge)) return undefined;
    const drawn = drawChallenge();
    const key = new ConnectionKey(token, listener, addresses, challenge, drawn);
    return { key, proof: `${drawn}.${key.#proof()}` };
  }

  /** Makes the caller's key, if the reply to its challenge is a valid proof; otherwise undefined. */
  static proved(
    token: string,
    listener: Listener,
    socket: Socket,
    challenge: string,
    answer: unknown,
  ): ConnectionKey | undefined {
    const [drawn = '', proof = ''] = typeof answer === 'string' ? answer.split('.') : [];
    const addresses = addressesOf(socket, 'caller');
    if (token === '' || addresses === undefined || !DRAWN.test(drawn)) return undefined;
    const key = new ConnectionKey(token, listener, addresses, challenge, drawn);
    return isSame(proof, key.#proof()) ? key : undefined;
  }

  /** The value of `SIGNATURE_HEADER` for the next request. */
  sign(method: string, path: string, body: string): string {
    const counter = ++this.#last;
    const digest = digestOf(body);
    return `${counter}.${digest}.${this.#signature(counter, digest, method, path)}`;
  }

  /**
   * Verifies the signature of a request. Returns the digest that its body must have; undefined if the signature was made
   * with another key or for another request, or was seen before.
   */
  verify(method: string, path: string, header: string): string | undefined {
    const [, number, digest, signature] = SIGNATURE.exec(header) ?? [];
    if (digest === undefined || signature === undefined) return undefined;
    const counter = Number(number);
    if (counter <= this.#last || !isSame(signature, this.#signature(counter, digest, method, path))) return undefined;
    this.#last = counter;
    return digest;
  }

  #proof(): string {
    return derive(this.#secret, 'proof of the listener').toString('base64url');
  }

  #signature(counter: number, digest: string, method: string, path: string): string {
    return createHmac('sha256', this.#signing).update(`${counter} ${digest} ${method} ${path}`).digest('base64url');
  }
}

export function digestOf(body: string): string {
  return hash('sha256', body, 'base64url');
}

function derive(key: string | Buffer, from: string): Buffer {
  return createHmac('sha256', key).update(from).digest();
}

/** Undefined if the connection has closed already. */
function addressesOf(socket: Socket, own: keyof Addresses): Addresses | undefined {
  const { localAddress, localPort, remoteAddress, remotePort } = socket;
  if (localAddress === undefined || remoteAddress === undefined) return undefined;
  const [here, there] = [addressText(localAddress, localPort), addressText(remoteAddress, remotePort)];
  return own === 'listener' ? { listener: here, caller: there } : { listener: there, caller: here };
}

/** Writes an IPv4 address in one way: it may be given in the form of IPv6. */
function addressText(address: string, port: number | undefined): string {
  return `${address.replace(/^::ffff:(?=\d+\.)/, '')} ${port}`;
}

/** Compares in constant time: how long it takes does not reveal how much of the two agrees. */
function isSame(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}

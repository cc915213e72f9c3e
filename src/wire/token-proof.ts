// How both ends of a connection prove that they have the token, which itself never crosses the wire.
//
// The caller sends a random challenge, the listener answers with one of its own and a proof. From the token, both
// challenges and both addresses of the connection, each end derives the same secret: the proof and the key that signs the
// requests come from it. Only the two ends of one connection have these addresses, so a proof says nothing about another
// connection: who passes bytes on between two of them can use neither what it hears nor what it records.

import { createHmac, createSecretKey, hash, type KeyObject, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Socket } from 'node:net';

import { PROTOCOL } from '../protocol.ts';

/** In the request that opens a connection: what the caller has drawn. */
export const CHALLENGE_HEADER = 'x-mapreduce-challenge';
/** In the answer to it: what the listener has drawn, and its proof, with a dot between them. */
export const PROOF_HEADER = 'x-mapreduce-proof';
/** In each request after that: its number on the connection, the digest of its body and the signature, with dots. */
export const SIGNATURE_HEADER = 'x-mapreduce-signature';

/** Whom a caller expects to listen. */
export type Listener = 'driver' | 'worker';

/** The token that driver and workers share. */
export interface TokenSource {
  /** As it is now; empty if there is none. */
  current(): string;
}

/** A token that does not change. */
export function fixedToken(token: string): TokenSource {
  return { current: () => token };
}

/** The two addresses of a connection: on one machine no other connection has both. */
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

/** What both ends of one connection know, and nobody else. */
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
   * As the listener has it, with the value of `PROOF_HEADER` that answers a challenge; undefined if there is no token, or
   * the challenge is not one.
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

  /** As the caller has it, after it has seen that the answer to its challenge is a proof; undefined if it is none. */
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
   * The digest that the body of a request must have; undefined if its signature is not ours, is that of another request,
   * or has been seen before.
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

/** Undefined if the connection is gone already. */
function addressesOf(socket: Socket, own: keyof Addresses): Addresses | undefined {
  const { localAddress, localPort, remoteAddress, remotePort } = socket;
  if (localAddress === undefined || remoteAddress === undefined) return undefined;
  const [here, there] = [addressText(localAddress, localPort), addressText(remoteAddress, remotePort)];
  return own === 'listener' ? { listener: here, caller: there } : { listener: there, caller: here };
}

/** An IPv4 address may be written as one of IPv6. */
function addressText(address: string, port: number | undefined): string {
  return `${address.replace(/^::ffff:(?=\d+\.)/, '')} ${port}`;
}

/** Takes a time that does not tell how far the two agree. */
function isSame(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}

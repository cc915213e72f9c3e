// Hashes a key for the table of keys, from a seed, and makes its signature.

import { SIGNATURE_MASKS } from './memory-layout';

const MIX_A: u64 = 0x9e3779b97f4a7c15;
const MIX_B: u64 = 0xc2b2ae3d27d4eb4f;

/** Keys of at most this many bytes are their own signatures. */
export const SIGNED_BYTES: usize = 16;

/** Random, so that nobody can make keys that collide. */
let seed: u64 = 0;
let factorLow: u64 = 0;
let factorHigh: u64 = 0;

/** The signature of the last key. */
export let signatureLow: u64 = 0;
export let signatureHigh: u64 = 0;
/** All groups of eight bytes of the last key, or-ed: if the top bit of a byte is set, the key is not ASCII. */
export let hashedBits: u64 = 0;

/** Sets the seed of all hashes. */
export function seedHash(value: u64): void {
  seed = value;
  factorLow = mix(value) | 1;
  factorHigh = mix(value + MIX_A) | 1;
  memory.fill(SIGNATURE_MASKS, 0xff, SIGNED_BYTES);
  memory.fill(SIGNATURE_MASKS + SIGNED_BYTES, 0, SIGNED_BYTES);
}

/**
 * Makes the signature of a key, sixteen bytes: for a short key its own bytes, then zeros; for a long key a hash of it and its last
 * eight bytes. Short keys with the same length and the same signature are equal.
 */
export function sign(key: usize, length: usize): void {
  if (length <= SIGNED_BYTES) {
    const masks = SIGNATURE_MASKS + SIGNED_BYTES - length;
    signatureLow = load<u64>(key) & load<u64>(masks);
    signatureHigh = load<u64>(key, 8) & load<u64>(masks, 8);
    hashedBits = signatureLow | signatureHigh;
    return;
  }
  const last = key + length - 8;
  let hash = seed ^ <u64>length;
  let bits = load<u64>(last);
  for (; key < last; key += 8) {
    const bytes = load<u64>(key);
    bits |= bytes;
    hash = mix(hash ^ bytes);
  }
  hashedBits = bits;
  signatureLow = hash;
  signatureHigh = load<u64>(last);
}

/**
 * Hashes a signature. The top bits of the hash are to be used: after a multiplication alone, keys that count up would collide.
 * Source: M. Dietzfelbinger et al., "A reliable randomized algorithm for the closest-pair problem" (1997), for the multiplications.
 */
// @ts-ignore: decorator
@inline
export function homeOf(low: u64, high: u64): u64 {
  const product = low * factorLow + high * factorHigh;
  return (product ^ (product >> 32)) * MIX_B;
}

// @ts-ignore: decorator
@inline
function mix(bits: u64): u64 {
  let mixed = bits * MIX_A;
  mixed = (mixed ^ (mixed >> 32)) * MIX_B;
  return mixed ^ (mixed >> 29);
}

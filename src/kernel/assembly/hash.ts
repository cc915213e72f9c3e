// The two hashes of a key: one that finds it, from a seed, and one that partitions it, which is Hadoop's.

import { SIGNATURE_MASKS } from './layout';

const MIX_A: u64 = 0x9e3779b97f4a7c15;
const MIX_B: u64 = 0xc2b2ae3d27d4eb4f;

/** Source of the partition hash: Hadoop's `WritableComparator.hashBytes`. */
const PARTITION_SEED: u32 = 1;
const PARTITION_FACTOR: u32 = 31;
const POWER_2: u32 = PARTITION_FACTOR * PARTITION_FACTOR;
const POWER_3: u32 = POWER_2 * PARTITION_FACTOR;
const POWER_4: u32 = POWER_2 * POWER_2;
const POWER_5: u32 = POWER_4 * PARTITION_FACTOR;
const POWER_6: u32 = POWER_4 * POWER_2;
const POWER_7: u32 = POWER_4 * POWER_3;
const POWER_8: u32 = POWER_4 * POWER_4;

/** Keys of up to so many bytes are their own signatures. */
export const SIGNED_BYTES: usize = 16;

/** Nobody can guess them: keys cannot be made to collide. */
let seed: u64 = 0;
let factorLow: u64 = 0;
let factorHigh: u64 = 0;

/** The signature of the key that was signed last. */
export let signatureLow: u64 = 0;
export let signatureHigh: u64 = 0;
/** All eights of its bytes together: where a top bit is set, it is not ASCII. */
export let hashedBits: u64 = 0;

/** Sets what hashes depend on. */
export function seedHash(value: u64): void {
  seed = value;
  factorLow = mix(value) | 1;
  factorHigh = mix(value + MIX_A) | 1;
  memory.fill(SIGNATURE_MASKS, 0xff, SIGNED_BYTES);
  memory.fill(SIGNATURE_MASKS + SIGNED_BYTES, 0, SIGNED_BYTES);
}

/**
 * Makes the signature of a key, sixteen bytes: a short key's are its own, zeros behind its end; a long key's are a hash of it
 * and its last eight bytes. Keys of one length and one signature are the same where they are short.
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
 * Hashes a signature, for its top bits to be used: a multiplication alone sends keys that count up to the same places.
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

/** Eight bytes at a time, each with its own power of the factor: a byte need not wait for the one before it. */
export function partitionHash(key: usize, length: usize): u32 {
  let hash = PARTITION_SEED;
  const end = key + length;
  for (; key + 8 <= end; key += 8) {
    hash =
      hash * POWER_8 +
      (signed(key, 0) * POWER_7 + signed(key, 1) * POWER_6) +
      (signed(key, 2) * POWER_5 + signed(key, 3) * POWER_4) +
      (signed(key, 4) * POWER_3 + signed(key, 5) * POWER_2) +
      (signed(key, 6) * PARTITION_FACTOR + signed(key, 7));
  }
  for (; key < end; key++) hash = hash * PARTITION_FACTOR + signed(key, 0);
  return hash;
}

// @ts-ignore: decorator
@inline
function signed(key: usize, offset: usize): u32 {
  return <u32>(<i32>load<i8>(key + offset));
}

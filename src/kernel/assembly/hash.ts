// The two hashes of a key: one that finds it, from a seed, and one that partitions it, which is Hadoop's.

import { lowBytes } from './keys';

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

let seed: u64 = 0;

/** All eights of bytes of the key that was hashed last, together: where a top bit is set, it is not ASCII. */
export let hashedBits: u64 = 0;

/** Sets what the hash begins with. */
export function seedHash(value: u64): void {
  seed = value;
}

// @ts-ignore: decorator
@inline
export function firstBytes(key: usize, length: usize): u64 {
  return load<u64>(key) & lowBytes(length);
}

/** Multiplies and folds eight bytes at a time, from a seed that nobody can guess: keys cannot be made to collide. */
// @ts-ignore: decorator
@inline
export function hashOf(key: usize, length: usize): u64 {
  let hash = seed ^ <u64>length;
  let rest = length;
  let bits: u64 = 0;
  while (rest > 8) {
    const bytes = load<u64>(key);
    bits |= bytes;
    hash = mix(hash ^ bytes);
    key += 8;
    rest -= 8;
  }
  const last = firstBytes(key, rest);
  hashedBits = bits | last;
  return mix(hash ^ last);
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

// Adds numbers to the sums of their keys, which are in the slots of the table.

import { sign, SIGNED_BYTES } from './sign-key';
import { PENDING, SIGNATURE_MASKS, STRING_BYTES, STRINGS } from './memory-layout';
import { count, FULL, hasSignature, home, INVALID, isSignedUtf8, slotOf, SUM } from './key-table';

/** Adds a number to the sum of a key, which is UTF-8. Returns false if the buffer is full. */
// @ts-ignore: decorator
@inline
export function addNumber(key: usize, length: usize, value: f64): bool {
  return addAtHome(key, length, value) || addAnywhere(key, length, value);
}

/** Adds a number to the sum of a key. Returns 1 if the key is new, 0 if it is not, or FULL or INVALID. */
export function addKey(key: usize, length: usize, value: f64): i32 {
  sign(key, length);
  if (!isSignedUtf8(key, length)) return INVALID;
  const before = count;
  if (!addSigned(key, length, value)) return FULL;
  return count != before ? 1 : 0;
}

/** Adds a number to the sums of pending keys. Returns the number of the first that could not be added, or `to`. */
export function addPending(from: u32, to: u32, value: f64): u32 {
  for (let pending = from; pending < to; pending++) {
    const key = <usize>load<u32>(PENDING + <usize>pending * 8);
    const length = <usize>load<u32>(PENDING + <usize>pending * 8, 4) - key;
    if (!addAtHome(key, length, value) && addKey(key, length, value) < 0) return pending;
  }
  return to;
}

/**
 * Adds numbers to the sums of pending strings. An entry is sixteen bytes with the key, its length u32, four unused bytes, the
 * number f64. Returns the number of the first entry that could not be added, or `to`.
 */
export function addStrings(from: u32, to: u32): u32 {
  for (let pending = from; pending < to; pending++) {
    const key = STRINGS + <usize>pending * STRING_BYTES;
    const length = <usize>load<u32>(key, 16);
    const value = load<f64>(key, 24);
    if (!addAtHome(key, length, value) && addKey(key, length, value) < 0) return pending;
  }
  return to;
}

/** Adds to the sum of a short key that is in the first slot that its hash names, as most are. Returns false for all other keys. */
// @ts-ignore: decorator
@inline
function addAtHome(key: usize, length: usize, value: f64): bool {
  if (length > SIGNED_BYTES) return false;
  const masks = SIGNATURE_MASKS + SIGNED_BYTES - length;
  const low = load<u64>(key) & load<u64>(masks);
  const high = load<u64>(key, 8) & load<u64>(masks, 8);
  const slot = home(low, high);
  if (!hasSignature(slot, low, high, length)) return false;
  store<f64>(slot, load<f64>(slot, SUM) + value, SUM);
  return true;
}

function addAnywhere(key: usize, length: usize, value: f64): bool {
  sign(key, length);
  return addSigned(key, length, value);
}

function addSigned(key: usize, length: usize, value: f64): bool {
  const slot = slotOf(key, length);
  if (slot == 0) return false;
  store<f64>(slot, load<f64>(slot, SUM) + value, SUM);
  return true;
}

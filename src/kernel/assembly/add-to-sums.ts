// Adds numbers to those of their keys: to the sums in the table's slots.

import { sign, SIGNED_BYTES } from './sign-key';
import { PENDING, SIGNATURE_MASKS, STRING_BYTES, STRINGS } from './memory-layout';
import { count, FULL, hasSignature, home, INVALID, isSignedUtf8, slotOf, SUM } from './key-table';

/** Adds a number to that of a key, which is UTF-8. Answers false where the buffer is full. */
// @ts-ignore: decorator
@inline
export function addNumber(key: usize, length: usize, value: f64): bool {
  return addAtHome(key, length, value) || addAnywhere(key, length, value);
}

/** Adds a number to that of a key. Answers 1 where the key is new, 0 where it is not, FULL or INVALID. */
export function addKey(key: usize, length: usize, value: f64): i32 {
  sign(key, length);
  if (!isSignedUtf8(key, length)) return INVALID;
  const before = count;
  if (!addSigned(key, length, value)) return FULL;
  return count != before ? 1 : 0;
}

/** Adds a number to those of keys that are pending. Answers the first that it could not be added to, or `to`. */
export function addPending(from: u32, to: u32, value: f64): u32 {
  for (let pending = from; pending < to; pending++) {
    const key = <usize>load<u32>(PENDING + <usize>pending * 8);
    const length = <usize>load<u32>(PENDING + <usize>pending * 8, 4) - key;
    if (!addAtHome(key, length, value) && addKey(key, length, value) < 0) return pending;
  }
  return to;
}

/**
 * Adds numbers to those of strings that are pending. An entry is sixteen bytes in which the key stands, its length u32, four
 * bytes that are not used, the number f64. Answers the first entry that could not be added, or `to`.
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

/** Adds to a short key that stands where its hash says, as most do; answers false for all others. */
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

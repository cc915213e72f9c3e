// Appends pairs of strings that the host has written at once, one after the other, to the address of the next key. The host
// knows their lengths as strings, in UTF-16 code units.

import { PENDING } from './memory-layout';
import { appendInPlace, arenaEnd } from './key-table';

/**
 * Adds pairs whose keys, with their texts if values are texts, follow the last pair, in `bytes` bytes; their lengths as strings
 * are in PENDING. Returns how many there was room for; 0 if a character spans two strings.
 */
export function appendJoined(pairs: u32, units: u32, bytes: u32, hasNumbers: bool, value: f64): u32 {
  if (units != bytes && !measure(pairs)) return 0;
  for (let pair: u32 = 0; pair < pairs; pair++) {
    const lengths = PENDING + <usize>pair * 8;
    if (!appendInPlace(load<u32>(lengths), load<u32>(lengths, 4), hasNumbers, value)) return pair;
  }
  return pairs;
}

/** Replaces the lengths in PENDING by those in UTF-8. Returns false if a character spans two strings. */
function measure(pairs: u32): bool {
  let at = arenaEnd();
  for (let lengths = PENDING; lengths < PENDING + <usize>pairs * 8; lengths += 4) {
    const start = at;
    let units = load<i32>(lengths);
    while (units > 0) {
      if (units >= 16 && !v128.any_true(v128.and(v128.load(at), i8x16.splat(-128)))) {
        at += 16;
        units -= 16;
        continue;
      }
      const lead: u32 = load<u8>(at);
      at += lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
      units -= lead < 0xf0 ? 1 : 2;
    }
    // A surrogate at the end of one string and one at the begin of the next have become one character, which is in neither.
    if (units < 0) return false;
    store<u32>(lengths, <u32>(at - start));
  }
  return true;
}

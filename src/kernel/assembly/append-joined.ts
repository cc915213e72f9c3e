// Appends pairs of strings that the host has written together, one behind the other, to where the next key has its place.
// It knows how long they are as strings, in UTF-16 code units.

import { PENDING } from './memory-layout';
import { appendInPlace, arenaEnd } from './key-table';

/**
 * Adds pairs whose keys, and texts where values are texts, stand behind the last pair, in `bytes` bytes; their lengths as
 * strings are pending. Answers how many there was room for; none where a character spans two strings.
 */
export function appendJoined(pairs: u32, units: u32, bytes: u32, hasNumbers: bool, value: f64): u32 {
  if (units != bytes && !measure(pairs)) return 0;
  for (let pair: u32 = 0; pair < pairs; pair++) {
    const lengths = PENDING + <usize>pair * 8;
    if (!appendInPlace(load<u32>(lengths), load<u32>(lengths, 4), hasNumbers, value)) return pair;
  }
  return pairs;
}

/** Makes the pending lengths those of UTF-8. */
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
    // Two halves of a character, at the end of one string and the beginning of the next, were none in either.
    if (units < 0) return false;
    store<u32>(lengths, <u32>(at - start));
  }
  return true;
}

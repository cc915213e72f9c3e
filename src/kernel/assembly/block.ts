// Lays sorted pairs out as the payload of a block of a run: end of each key u32, key bytes, and where values are numbers,
// a float64 each.

import { copyKey } from './keys';
import { endOf, numbers, startOf } from './table';
import { order } from './sort';

let payloadBytes: u32 = 0;

/** The size of the payload that `gather` has written. */
export function gatheredBytes(): u32 {
  return payloadBytes;
}

/**
 * Writes pairs from `order[from]` on to `target`: up to `mostPairs`, and as many as have `mostKeyBytes` of keys. Answers
 * their number, which is 0 where the first key alone has more.
 */
export function gather(from: u32, to: u32, target: usize, mostPairs: u32, mostKeyBytes: u32, withNumbers: bool): u32 {
  let last = to - from > mostPairs ? from + mostPairs : to;
  let keyBytes: u32 = 0;
  for (let place = from; place < last; place++) {
    const length = lengthAt(place);
    if (keyBytes + length > mostKeyBytes) {
      last = place;
      break;
    }
    keyBytes += length;
  }
  const pairs = last - from;
  let endsAt = target;
  const keysStart = target + <usize>pairs * 4;
  let keyAt = keysStart;
  let numberAt = keysStart + keyBytes;
  for (let place = from; place < last; place++) {
    const pair = load<u32>(order + <usize>place * 4);
    const start = startOf(pair);
    const length = endOf(pair) - start;
    copyKey(keyAt, start, length);
    keyAt += length;
    store<u32>(endsAt, <u32>(keyAt - keysStart));
    endsAt += 4;
  }
  if (withNumbers) {
    for (let place = from; place < last; place++) {
      store<f64>(numberAt, load<f64>(numbers + <usize>load<u32>(order + <usize>place * 4) * 8));
      numberAt += 8;
    }
  }
  payloadBytes = <u32>(numberAt - target);
  return pairs;
}

// @ts-ignore: decorator
@inline
function lengthAt(place: u32): u32 {
  const pair = load<u32>(order + <usize>place * 4);
  return <u32>(endOf(pair) - startOf(pair));
}

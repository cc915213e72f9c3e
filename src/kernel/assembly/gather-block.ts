// Lays sorted pairs out as the payload of a block of a sorted file: end of each key u32, key bytes; for numbers, a float64 each;
// for texts, the end of each u32, and their bytes.

import { copyKey } from './key-bytes';
import { endOf, numbers, startOf, textLength } from './key-table';
import { order } from './sort-pairs';

/** The values that `gather` adds to keys; 0 means no value. */
const NUMBERS: u32 = 1;
const TEXTS: u32 = 2;

let payloadBytes: u32 = 0;

/** The size of the payload that `gather` has written. */
export function gatheredBytes(): u32 {
  return payloadBytes;
}

/**
 * Writes pairs from `order[from]` on to `target`: at most `mostPairs`, with at most `mostKeyBytes` bytes of keys and as many of
 * texts. Returns their number, which is 0 if the first pair alone has more.
 */
export function gather(from: u32, to: u32, target: usize, mostPairs: u32, mostKeyBytes: u32, values: u32): u32 {
  let last = to - from > mostPairs ? from + mostPairs : to;
  let keyBytes: u32 = 0;
  let textBytes: u32 = 0;
  for (let position = from; position < last; position++) {
    const pair = load<u32>(order + <usize>position * 4);
    const length = <u32>(endOf(pair) - startOf(pair));
    const text: u32 = values == TEXTS ? textLength(pair) : 0;
    if (keyBytes + length > mostKeyBytes || textBytes + text > mostKeyBytes) {
      last = position;
      break;
    }
    keyBytes += length;
    textBytes += text;
  }
  const pairs = last - from;
  let endsAt = target;
  const keysStart = target + <usize>pairs * 4;
  let keyAt = keysStart;
  let numberAt = keysStart + keyBytes;
  for (let position = from; position < last; position++) {
    const pair = load<u32>(order + <usize>position * 4);
    const start = startOf(pair);
    const length = endOf(pair) - start;
    copyKey(keyAt, start, length);
    keyAt += length;
    store<u32>(endsAt, <u32>(keyAt - keysStart));
    endsAt += 4;
  }
  if (values == TEXTS) numberAt = gatherTexts(from, last, numberAt);
  if (values == NUMBERS) {
    for (let position = from; position < last; position++) {
      store<f64>(numberAt, load<f64>(numbers + <usize>load<u32>(order + <usize>position * 4) * 8));
      numberAt += 8;
    }
  }
  payloadBytes = <u32>(numberAt - target);
  return pairs;
}

/** Writes the texts of pairs. Returns where they end. */
function gatherTexts(from: u32, to: u32, target: usize): usize {
  const start = target + <usize>(to - from) * 4;
  let at = start;
  for (let position = from; position < to; position++) {
    const pair = load<u32>(order + <usize>position * 4);
    const length = <usize>textLength(pair);
    copyKey(at, endOf(pair), length);
    at += length;
    store<u32>(target + <usize>(position - from) * 4, <u32>(at - start));
  }
  return at;
}

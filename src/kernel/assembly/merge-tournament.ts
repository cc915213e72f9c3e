// Picks the smallest key of several sorted inputs, again and again, and so merges their blocks into blocks: keys, numbers, and the
// input of each pair.
//
// It is a tournament of losers: each inner node holds the input that lost there, so the next pair costs one comparison per level.
// Source: D. E. Knuth, The Art of Computer Programming, volume 3, section 5.4.1. A node has the first eight bytes of a key as an
// integer, beside the number of the input. That decides most comparisons, and without a branch, since nobody can predict which of
// two inputs comes first.

import { MERGED_ENDS, MERGED_KEY_BYTES, MERGED_KEYS, MERGED_NUMBERS, MERGED_PAIRS, MERGED_REPEATS, MERGED_SOURCES } from './memory-layout';
import { compareFrom, copyKey, lowBytes, sameKey } from './key-bytes';

/** What `merge` returns, other than the number of an input whose block is at its end. */
const DONE: i32 = -1;
const FULL: i32 = -2;
/** The next key is longer than a whole block: the host takes it from its input. */
const TOO_LONG: i32 = -3;

/** An input: its current pair, and the block that has it. */
const INPUT_BYTES: usize = 48;
const KEY: usize = 0;
const LENGTH: usize = 4;
const PREFIX: usize = 8;
const PREFIX_BYTES: u32 = 8;
const PAIR: usize = 16;
const PAIRS: usize = 20;
const ENDS: usize = 24;
const KEYS: usize = 28;
const NUMBERS: usize = 32;
const OPEN: usize = 36;

/** A node: the begin of the key that lost there, and its rank among keys with that begin; rank 0 if no input has played there. */
const NODE_BYTES: usize = 16;
const RANK: usize = 8;
/** A rank has the number of the input, plus one, in the bits below the length of its key. Longer keys have the bit LONG, ended inputs the bit ENDED. */
const RANK_LENGTH: u64 = 32;
const LONG: u64 = 1 << 36;
const ENDED: u64 = 1 << 37;

let inputs: usize = 0;
let inputCount: u32 = 0;
/** The inner nodes, from 1 on; node 0 holds the winner. */
let nodes: usize = 0;

let mergedPairs: u32 = 0;
let keyBytes: u32 = 0;
let lastKey: usize = 0;
let lastLength: u32 = 0;
let lastPrefix: u64 = 0;

/** The memory that `beginMerge` needs. */
export function mergeBytes(count: u32): usize {
  return <usize>count * (INPUT_BYTES + NODE_BYTES) + 64;
}

/** Begins with `count` inputs, whose state is kept at `at`. Each has to get its first block, and then to play. */
export function beginMerge(count: u32, at: usize): void {
  inputs = at;
  inputCount = count;
  nodes = at + <usize>count * INPUT_BYTES;
  memory.fill(at, 0, mergeBytes(count));
  clearMerged();
}

export function clearMerged(): void {
  mergedPairs = 0;
  keyBytes = 0;
}

export function mergedPairCount(): u32 {
  return mergedPairs;
}

/** Gives an input a block: at `block` ends u32 and keys, then numbers if it has any. */
export function setBlock(input: u32, block: usize, pairs: u32, hasNumbers: bool): void {
  const at = inputs + <usize>input * INPUT_BYTES;
  const keys = block + <usize>pairs * 4;
  store<u32>(at, 0, PAIR);
  store<u32>(at, pairs, PAIRS);
  store<u32>(at, <u32>block, ENDS);
  store<u32>(at, <u32>keys, KEYS);
  store<u32>(at, hasNumbers ? <u32>keys + load<u32>(keys - 4) : 0, NUMBERS);
  store<u32>(at, 1, OPEN);
  readKey(at, <u32>keys);
}

/** Takes note that an input has no more blocks: it comes after all others. */
export function endInput(input: u32): void {
  store<u32>(inputs + <usize>input * INPUT_BYTES, 0, OPEN);
}

/** Has an input whose current pair is new play from its leaf to the root. */
export function play(input: u32): void {
  const at = inputs + <usize>input * INPUT_BYTES;
  if (load<u32>(at, OPEN) == 0) playFrom(input, u64.MAX_VALUE, ENDED);
  else playFrom(input, load<u64>(at, PREFIX), lengthRank(load<u32>(at, LENGTH)));
}

/** What a key's length adds to its rank: of two keys with the same begin and no more, the shorter one comes first. */
// @ts-ignore: decorator
@inline
function lengthRank(length: u32): u64 {
  return length > PREFIX_BYTES ? LONG : (<u64>length) << RANK_LENGTH;
}

// @ts-ignore: decorator
@inline
function playFrom(input: u32, key: u64, ofLength: u64): void {
  let prefix = key;
  let rank = ofLength | (input + 1);
  for (let node = (input + inputCount) >> 1; node > 0; node >>= 1) {
    const nodeAddress = nodes + <usize>node * NODE_BYTES;
    const otherPrefix = load<u64>(nodeAddress);
    const other = load<u64>(nodeAddress, RANK);
    if (other == 0) {
      store<u64>(nodeAddress, prefix);
      store<u64>(nodeAddress, rank, RANK);
      return;
    }
    const isSame = otherPrefix == prefix;
    let isLost: bool = <bool>(<u32>(otherPrefix < prefix) | (<u32>isSame & <u32>(other < rank)));
    if (isSame && (other & rank & LONG) != 0) isLost = isBefore(<u32>other - 1, <u32>rank - 1);
    store<u64>(nodeAddress, select<u64>(prefix, otherPrefix, isLost));
    store<u64>(nodeAddress, select<u64>(rank, other, isLost), RANK);
    prefix = select<u64>(otherPrefix, prefix, isLost);
    rank = select<u64>(other, rank, isLost);
  }
  store<u64>(nodes, rank, RANK);
}

/** The input that the next pair comes from. */
export function winner(): u32 {
  return load<u32>(nodes, RANK) - 1;
}

export function keyAddress(input: u32): usize {
  return load<u32>(inputs + <usize>input * INPUT_BYTES, KEY);
}

export function keyLength(input: u32): u32 {
  return load<u32>(inputs + <usize>input * INPUT_BYTES, LENGTH);
}

/**
 * Adds pairs to the merged block until it is full, an input needs a block, or all inputs have ended. `adds`: the numbers of equal
 * keys are added up. An input that needs a block has to play when it has one, or has ended.
 */
export function merge(adds: bool): i32 {
  for (let input = winner(); isOpen(input); input = winner()) {
    const at = inputs + <usize>input * INPUT_BYTES;
    const key = <usize>load<u32>(at, KEY);
    const length = load<u32>(at, LENGTH);
    const prefix = load<u64>(at, PREFIX);
    const repeats = prefix == lastPrefix && length == lastLength && mergedPairs > 0 && sameKey(key, lastKey, length);
    if (repeats && adds) {
      const target = MERGED_NUMBERS + <usize>(mergedPairs - 1) * 8;
      store<f64>(target, load<f64>(target) + numberOf(at));
    } else {
      if (length > MERGED_KEY_BYTES && mergedPairs == 0) return TOO_LONG;
      if (mergedPairs == MERGED_PAIRS || keyBytes + length > MERGED_KEY_BYTES) return FULL;
      append(at, input, key, length, repeats);
      lastPrefix = prefix;
    }
    if (!advance(at)) return <i32>input;
    playFrom(input, load<u64>(at, PREFIX), lengthRank(load<u32>(at, LENGTH)));
  }
  return DONE;
}

/** The number of an input's current pair. */
export function numberAt(input: u32): f64 {
  return numberOf(inputs + <usize>input * INPUT_BYTES);
}

/** Whether an input has a current pair. */
// @ts-ignore: decorator
@inline
export function isOpen(input: u32): bool {
  return load<u32>(inputs + <usize>input * INPUT_BYTES, OPEN) != 0;
}

/** Skips the next pair. Returns the number of its input if that needs a block, otherwise -1. */
export function skip(): i32 {
  const input = winner();
  if (!advance(inputs + <usize>input * INPUT_BYTES)) return <i32>input;
  play(input);
  return -1;
}

function append(at: usize, input: u32, key: usize, length: u32, repeats: bool): void {
  const pair = <usize>mergedPairs;
  lastKey = MERGED_KEYS + keyBytes;
  lastLength = length;
  copyKey(lastKey, key, length);
  keyBytes += length;
  store<u32>(MERGED_ENDS + pair * 4, keyBytes);
  store<f64>(MERGED_NUMBERS + pair * 8, numberOf(at));
  store<u32>(MERGED_SOURCES + pair * 4, input);
  store<u8>(MERGED_REPEATS + pair, repeats ? 1 : 0);
  mergedPairs++;
}

// @ts-ignore: decorator
@inline
function numberOf(at: usize): f64 {
  const numbers = <usize>load<u32>(at, NUMBERS);
  return numbers == 0 ? 0 : load<f64>(numbers + <usize>load<u32>(at, PAIR) * 8);
}

/** Moves an input to its next pair. Returns false if its block has no more. */
// @ts-ignore: decorator
@inline
function advance(at: usize): bool {
  const pair = load<u32>(at, PAIR) + 1;
  if (pair == load<u32>(at, PAIRS)) return false;
  store<u32>(at, pair, PAIR);
  readKey(at, load<u32>(at, KEY) + load<u32>(at, LENGTH));
  return true;
}

// @ts-ignore: decorator
@inline
function readKey(at: usize, key: u32): void {
  const end = load<u32>(at, KEYS) + load<u32>(<usize>load<u32>(at, ENDS) + <usize>load<u32>(at, PAIR) * 4);
  store<u32>(at, key, KEY);
  store<u32>(at, end - key, LENGTH);
  store<u64>(at, bswap<u64>(load<u64>(key) & lowBytes(end - key)), PREFIX);
}

/** Whether the key of input `a` comes before that of `b`. Both are long and have the same first bytes. Of equal keys, that of the earlier input comes first. */
function isBefore(a: u32, b: u32): bool {
  const atA = inputs + <usize>a * INPUT_BYTES;
  const atB = inputs + <usize>b * INPUT_BYTES;
  const order = compareFrom(PREFIX_BYTES, load<u32>(atA, KEY), load<u32>(atA, LENGTH), load<u32>(atB, KEY), load<u32>(atB, LENGTH));
  return order == 0 ? a < b : order < 0;
}

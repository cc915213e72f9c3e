// Sorts the pairs of a partition by key: a radix sort of pair numbers, on four bytes of the key at a time. The pairs stay where
// they are.
//
// A range of keys is sorted by the next four bytes as one integer (least significant digit first, so it is stable), and each group
// of equal integers by the four bytes after those. Bytes that all keys of a group share are skipped first. Big groups use 16-bit
// digits, small ones 8-bit digits, whose counters cost less to clear, and tiny ones an insertion sort.
// Source: P. M. McIlroy, K. Bostic, M. D. McIlroy, "Engineering radix sort", Computing Systems 6 (1993), for the hybrid.

import { compareFrom, sameBytes } from './key-bytes';
import { COUNTERS } from './memory-layout';
import { count, endOf, settleSums, slots, startOf } from './key-table';

const INSERTION_LIMIT: u32 = 20;
const WIDE_DIGIT_LIMIT: u32 = 8192;
/** Beyond this level keys are sorted by merging. They differ only far from their start, as the begins of one text do, and each level would go through all of them. */
const DEEPEST_LEVEL: u32 = 64;

/** Tells the host that sorting goes on. Called before each pass through many pairs. */
@external('host', 'sorting')
declare function sorting(): void;

/** The pair numbers in order, and the other columns that sorting needs. They use the memory of the table. */
export let order: usize = 0;
let spareOrder: usize = 0;
export let digits: usize = 0;
let spareDigits: usize = 0;

export function beginSorting(): void {
  settleSums();
  const bytes = <usize>count * 4;
  order = slots;
  spareOrder = order + bytes;
  digits = spareOrder + bytes;
  spareDigits = digits + bytes;
}

/** Lists the pairs in the order in which they came. Afterwards pairs can only be read. */
export function orderPairs(): void {
  beginSorting();
  for (let pair: u32 = 0; pair < count; pair++) put(pair, pair);
}

/** Sorts a range of the order by key. Equal keys stay in the order in which they came. */
export function sortRange(from: u32, to: u32): void {
  if (to - from > 1) sort(from, to, 0, 0);
}

/** Sorts a range whose keys all have the same first `depth` bytes. */
function sort(from: u32, to: u32, depth: u32, level: u32): void {
  if (to - from <= INSERTION_LIMIT) return insertionSort(from, to, depth);
  if (level > DEEPEST_LEVEL) return mergeSort(from, to, depth);
  if (to - from >= WIDE_DIGIT_LIMIT) sorting();
  const start = depth + sharedBytes(from, to, depth);
  sortByWord(from, to, start);
  for (let groupStart = from; groupStart < to; ) {
    const word = digitAt(groupStart);
    let groupEnd = groupStart + 1;
    while (groupEnd < to && digitAt(groupEnd) == word) groupEnd++;
    if (groupEnd - groupStart > 1) {
      const longer = endedFirst(groupStart, groupEnd, start);
      if (groupEnd - longer > 1) sort(longer, groupEnd, start + 4, level + 1);
    }
    groupStart = groupEnd;
  }
}

// @ts-ignore: decorator
@inline
function pairAt(position: u32): u32 {
  return load<u32>(order + (<usize>position) * 4);
}

// @ts-ignore: decorator
@inline
function put(position: u32, pair: u32): void {
  store<u32>(order + (<usize>position) * 4, pair);
}

// @ts-ignore: decorator
@inline
export function digitAt(position: u32): u32 {
  return load<u32>(digits + (<usize>position) * 4);
}

/** How many bytes from `depth` on all keys of the range have in common. */
function sharedBytes(from: u32, to: u32, depth: u32): u32 {
  const pair = pairAt(from);
  const first = startOf(pair) + depth;
  let shared = <u32>(endOf(pair) - first);
  for (let position = from + 1; position < to && shared > 0; position++) {
    const other = pairAt(position);
    const start = startOf(other) + depth;
    const length = <u32>(endOf(other) - start);
    if (length < shared) shared = length;
    shared = sameBytes(first, start, shared);
  }
  return shared;
}

/** The four bytes of a key from `depth` on, most significant first, with zeros after its end. */
// @ts-ignore: decorator
@inline
function wordOf(pair: u32, depth: u32): u32 {
  const at = startOf(pair) + depth;
  const rest = <i32>(endOf(pair) - at);
  if (rest >= 4) return bswap<u32>(load<u32>(at));
  if (rest <= 0) return 0;
  return bswap<u32>(load<u32>(at)) & (u32.MAX_VALUE << (<u32>(4 - rest) * 8));
}

/** Sorts the range by the words (four bytes) at `depth`, and leaves the words in `digits`. */
function sortByWord(from: u32, to: u32, depth: u32): void {
  for (let position = from; position < to; position++) {
    store<u32>(digits + (<usize>position) * 4, wordOf(pairAt(position), depth));
  }
  const bits: u32 = to - from >= WIDE_DIGIT_LIMIT ? 16 : 8;
  let isSpare = false;
  for (let shift: u32 = 0; shift < 32; shift += bits) {
    if (pass(from, to, shift, bits)) isSpare = !isSpare;
  }
  if (!isSpare) return;
  // The columns hold other ranges as well, so they cannot stay exchanged.
  swapColumns();
  const at = <usize>from * 4;
  const bytes = <usize>(to - from) * 4;
  memory.copy(digits + at, spareDigits + at, bytes);
  memory.copy(order + at, spareOrder + at, bytes);
}

/** One stable pass of a counting sort by one digit, into the spare columns, with which the columns are then exchanged. Returns false, and does nothing, if all keys have the same digit. */
function pass(from: u32, to: u32, shift: u32, bits: u32): bool {
  if (to - from >= WIDE_DIGIT_LIMIT) sorting();
  const mask: u32 = ((<u32>1) << bits) - 1;
  memory.fill(COUNTERS, 0, (<usize>mask + 1) * 4);
  for (let position = from; position < to; position++) {
    const counter = COUNTERS + <usize>((digitAt(position) >> shift) & mask) * 4;
    store<u32>(counter, load<u32>(counter) + 1);
  }
  if (load<u32>(COUNTERS + <usize>((digitAt(from) >> shift) & mask) * 4) == to - from) return false;
  let next = from;
  for (let digit: usize = 0; digit <= <usize>mask; digit++) {
    const here = load<u32>(COUNTERS + digit * 4);
    store<u32>(COUNTERS + digit * 4, next);
    next += here;
  }
  for (let position = from; position < to; position++) {
    const word = digitAt(position);
    const counter = COUNTERS + <usize>((word >> shift) & mask) * 4;
    const target = <usize>load<u32>(counter);
    store<u32>(counter, <u32>target + 1);
    store<u32>(spareDigits + target * 4, word);
    store<u32>(spareOrder + target * 4, pairAt(position));
  }
  swapColumns();
  return true;
}

function swapColumns(): void {
  const oldOrder = order;
  order = spareOrder;
  spareOrder = oldOrder;
  const oldDigits = digits;
  digits = spareDigits;
  spareDigits = oldDigits;
}

/**
 * Puts the keys that end within the word at `depth` first, shorter ones before longer ones, and returns where the others begin. All
 * keys of the range are the same up to the word's end, with zeros after their own ends.
 */
function endedFirst(from: u32, to: u32, depth: u32): u32 {
  let ended: u32 = 0;
  let isMixed = false;
  const firstLength = lengthFrom(pairAt(from), depth);
  for (let position = from; position < to; position++) {
    const length = lengthFrom(pairAt(position), depth);
    if (length <= 4) ended++;
    if (length != firstLength) isMixed = true;
  }
  if (ended == 0 || (!isMixed && ended == to - from)) return from + ended;
  memory.copy(spareOrder + <usize>from * 4, order + <usize>from * 4, <usize>(to - from) * 4);
  let target = from;
  for (let length: u32 = 0; length <= 5; length++) {
    for (let position = from; position < to; position++) {
      const pair = load<u32>(spareOrder + <usize>position * 4);
      const own = lengthFrom(pair, depth);
      if (own == length || (length == 5 && own > 5)) put(target++, pair);
    }
  }
  return from + ended;
}

// @ts-ignore: decorator
@inline
function lengthFrom(pair: u32, depth: u32): u32 {
  return <u32>(endOf(pair) - startOf(pair)) - depth;
}

function insertionSort(from: u32, to: u32, depth: u32): void {
  for (let position = from + 1; position < to; position++) {
    const pair = pairAt(position);
    let target = position;
    while (target > from && isAfter(pairAt(target - 1), pair, depth)) {
      put(target, pairAt(target - 1));
      target--;
    }
    put(target, pair);
  }
}

/** Sorts a range by merging ever longer stretches of sorted pairs. */
function mergeSort(from: u32, to: u32, depth: u32): void {
  for (let start = from; start < to; start += INSERTION_LIMIT) {
    insertionSort(start, min(start + INSERTION_LIMIT, to), depth);
  }
  for (let width = INSERTION_LIMIT; width < to - from; width *= 2) {
    for (let start = from; start + width < to; start += 2 * width) {
      mergeStretches(start, start + width, min(start + 2 * width, to), depth);
    }
  }
}

/** Merges `[from, middle)` and `[middle, to)`, each of which is sorted. */
function mergeStretches(from: u32, middle: u32, to: u32, depth: u32): void {
  if (to - from >= WIDE_DIGIT_LIMIT) sorting();
  memory.copy(spareOrder + <usize>from * 4, order + <usize>from * 4, <usize>(middle - from) * 4);
  let left = from;
  let right = middle;
  for (let position = from; left < middle; position++) {
    const pair = load<u32>(spareOrder + <usize>left * 4);
    if (right < to && isAfter(pair, pairAt(right), depth)) {
      put(position, pairAt(right));
      right++;
    } else {
      put(position, pair);
      left++;
    }
  }
}

/** Whether the key of `a` comes after that of `b`. Both have the same first `depth` bytes. */
function isAfter(a: u32, b: u32, depth: u32): bool {
  const aStart = startOf(a) + depth;
  const bStart = startOf(b) + depth;
  return compareFrom(0, aStart, <u32>(endOf(a) - aStart), bStart, <u32>(endOf(b) - bStart)) > 0;
}

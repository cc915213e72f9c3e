// Keeps pairs in memory: key bytes one after another, a column for the ends of keys, and a column for numbers. A hash table finds
// a key that is there. It has open addressing, linear probing, and slots of 32 bytes, half a cache line:
// the key's signature u64 u64 · its length plus one u32 · pair number plus one u32, 0 in an empty slot · sum f64.
//
// While numbers are added up, the sum of each key is in its slot, and adding to a key of up to 16 bytes touches nothing else.

import { hashedBits, homeOf, seedHash, SIGNED_BYTES, sign, signatureHigh, signatureLow } from './sign-key';
import { copyKey, sameKey } from './key-bytes';
import { PAIRS, PENDING } from './memory-layout';
import { isUtf8, isWideUtf8 } from './decode-utf8';

const SLOT_BYTES: usize = 32;
const HIGH: usize = 8;
const LENGTH: usize = 16;
const PAIR: usize = 20;
export const SUM: usize = 24;
/** The bytes that a pair takes beside its key: end u32, number f64. */
const COLUMN_BYTES: usize = 12;
/** The bytes that sorting takes for a pair; it uses the memory of the table. */
const SORT_BYTES: usize = 16;
/** At most 3/4 of the slots are taken. A few more steps in a smaller table take less time than waiting for the memory of a larger one. */
const LOAD_NUMERATOR: usize = 4;
const LOAD_DENOMINATOR: usize = 3;

/** The buffer has no room for a key. */
export const FULL: i32 = -1;
/** A key is not UTF-8. */
export const INVALID: i32 = -2;

let budget: usize = 0;
export let ends: usize = 0;
export let numbers: usize = 0;
/** The slots; while sorting, the columns that sorting needs. */
export let slots: usize = 0;
export let arena: usize = 0;

/** Whether values are texts: each follows its key, and the column for numbers has its length. */
let hasTexts: bool = false;

export let count: u32 = 0;
export let arenaUsed: usize = 0;
let slotCount: usize = 0;
/** How many slots the keys need. These count as the size of the table, however many it happens to have, so that a buffer is full at the same pair each time. */
let neededSlots: usize = 0;
let slotsEnd: usize = 0;
let firstSlotCount: usize = 0;
/** How far a hash is shifted to become the number of a slot. */
let homeShift: u64 = 0;
/** Whether sums are in the slots; otherwise all numbers are in their column. */
let hasSums: bool = false;

/** Lays out a buffer of `bytes` bytes. Returns the size of memory that this takes. */
export function configure(bytes: usize, slotsAtFirst: usize, hashSeed: u64): usize {
  const pairs = bytes / (COLUMN_BYTES + SORT_BYTES) + 1;
  budget = bytes;
  seedHash(hashSeed);
  firstSlotCount = slotsAtFirst;
  numbers = (PAIRS + 15) & ~15;
  ends = numbers + pairs * 8 + 8;
  slots = (ends + pairs * 4 + 63) & ~63;
  arena = slots + bytes + 4096;
  return arena + bytes + 4096;
}

/**
 * Forgets all pairs. `withTable`: equal keys will be found again; `adds`: their numbers will be added up. A table begins as large
 * as the last one became, because growing has to insert every key again.
 */
export function clear(withTable: bool, adds: bool): void {
  count = 0;
  arenaUsed = 0;
  hasTexts = false;
  hasSums = adds;
  const lastNeeded = neededSlots;
  neededSlots = withTable ? firstSlotCount : 0;
  resizeTable(withTable ? max(firstSlotCount, lastNeeded) : 0);
}

function resizeTable(wanted: usize): void {
  slotCount = wanted;
  slotsEnd = slots + slotCount * SLOT_BYTES;
  homeShift = 64 - ctz(<u64>slotCount);
  memory.fill(slots, 0, slotCount * SLOT_BYTES);
}

/** The address after the last key. */
export function arenaEnd(): usize {
  return arena + arenaUsed;
}

export function pairCount(): u32 {
  return count;
}

/** How many bytes of the buffer are used. */
export function usedBytes(): usize {
  return used(neededSlots);
}

/** Stops finding equal keys: pairs that are there stay. */
export function dropTable(): void {
  settleSums();
  neededSlots = 0;
  resizeTable(0);
}

/** Stops adding up: the number of each pair is its sum so far. */
export function settleSums(): void {
  if (!hasSums) return;
  hasSums = false;
  writeSums();
}

function writeSums(): void {
  for (let slot = slots; slot < slotsEnd; slot += SLOT_BYTES) {
    const pair = <usize>load<u32>(slot, PAIR);
    if (pair != 0) store<f64>(numbers + (pair - 1) * 8, load<f64>(slot, SUM));
  }
}

// @ts-ignore: decorator
@inline
function used(slotsThen: usize): usize {
  const sorting = <usize>count * SORT_BYTES;
  const table = slotsThen * SLOT_BYTES;
  return arenaUsed + <usize>count * COLUMN_BYTES + (table > sorting ? table : sorting);
}

/** Adds a pair without looking for its key. Returns its number, or FULL or INVALID. */
export function append(key: usize, length: usize): i32 {
  if (!isUtf8(key, length)) return INVALID;
  if (used(neededSlots) + length + COLUMN_BYTES + SORT_BYTES > budget) return FULL;
  return insert(key, length);
}

/** Adds pairs for pending keys without looking for them. Returns the number of the first that could not be added, or `to`. */
export function appendPending(from: u32, to: u32, hasNumbers: bool, value: f64): u32 {
  for (let pending = from; pending < to; pending++) {
    const key = <usize>load<u32>(PENDING + <usize>pending * 8);
    const pair = append(key, <usize>load<u32>(PENDING + <usize>pending * 8, 4) - key);
    if (pair < 0) return pending;
    if (hasNumbers) store<f64>(numbers + <usize>pair * 8, value);
  }
  return to;
}

/** Adds a pair whose key follows the last one, and is followed by its text if values are texts. Returns false if the buffer is full. */
// @ts-ignore: decorator
@inline
export function appendInPlace(length: usize, textBytes: usize, hasNumbers: bool, value: f64): bool {
  if (used(neededSlots) + length + textBytes + COLUMN_BYTES + SORT_BYTES > budget) return false;
  const pair = insert(arenaEnd(), length);
  arenaUsed += textBytes;
  if (hasTexts) store<u32>(numbers + <usize>pair * 8, <u32>textBytes);
  if (hasNumbers) store<f64>(numbers + <usize>pair * 8, value);
  return true;
}

/** Takes note that values will be texts, from the first pair on. */
export function beginTexts(): void {
  hasTexts = true;
}

/** Adds a pair whose key follows the last one, and is followed by its text. Returns its number, or FULL or INVALID. */
export function appendText(length: usize, textBytes: usize): i32 {
  const key = arenaEnd();
  if (!isUtf8(key, length)) return INVALID;
  if (used(neededSlots) + length + textBytes + COLUMN_BYTES + SORT_BYTES > budget) return FULL;
  const pair = insert(key, length);
  arenaUsed += textBytes;
  store<u32>(numbers + <usize>pair * 8, <u32>textBytes);
  return pair;
}

/** The length of a pair's text, which follows its key. */
// @ts-ignore: decorator
@inline
export function textLength(pair: u32): u32 {
  return load<u32>(numbers + <usize>pair * 8);
}

/** The number of the pair with a key, which is added if the key is new; FULL if there is no room for it, or INVALID. */
export function find(key: usize, length: usize): i32 {
  sign(key, length);
  if (!isSignedUtf8(key, length)) return INVALID;
  const slot = slotOf(key, length);
  return slot == 0 ? FULL : <i32>load<u32>(slot, PAIR) - 1;
}

/** Whether the key that was signed last is UTF-8. */
// @ts-ignore: decorator
@inline
export function isSignedUtf8(key: usize, length: usize): bool {
  return (hashedBits & 0x8080808080808080) == 0 || isWideUtf8(key, length);
}

/** The slot that a signature has if no other key has taken it. */
// @ts-ignore: decorator
@inline
export function home(low: u64, high: u64): usize {
  return slots + (<usize>(homeOf(low, high) >> homeShift)) * SLOT_BYTES;
}

/** Whether a slot has a signature. An empty slot never has: its length is 0, not the length plus one. */
// @ts-ignore: decorator
@inline
export function hasSignature(slot: usize, low: u64, high: u64, length: usize): bool {
  const difference = (load<u64>(slot) ^ low) | (load<u64>(slot, HIGH) ^ high);
  return (difference | <u64>(load<u32>(slot, LENGTH) ^ <u32>(length + 1))) == 0;
}

/** The slot of the key that was signed last, which is added if it is new; 0 if there is no room for it. */
export function slotOf(key: usize, length: usize): usize {
  const low = signatureLow;
  const high = signatureHigh;
  let slot = home(low, high);
  while (load<u32>(slot, PAIR) != 0) {
    if (hasSignature(slot, low, high, length) && (length <= SIGNED_BYTES || isKey(slot, key, length))) return slot;
    slot = next(slot);
  }
  const needsMore = (<usize>count + 1) * LOAD_NUMERATOR > neededSlots * LOAD_DENOMINATOR;
  const needed = needsMore ? neededSlots * 2 : neededSlots;
  if (used(needed) + length + COLUMN_BYTES > budget) return 0;
  neededSlots = needed;
  if (needed > slotCount) {
    grow();
    slot = emptySlot(low, high);
  }
  fill(slot, length, <u32>insert(key, length), low, high);
  return slot;
}

/** Whether the pair of a slot, which has the signature of a long key, has that very key. */
function isKey(slot: usize, key: usize, length: usize): bool {
  return sameKey(startOf(load<u32>(slot, PAIR) - 1), key, <u32>length);
}

// @ts-ignore: decorator
@inline
function next(slot: usize): usize {
  return slot + SLOT_BYTES == slotsEnd ? slots : slot + SLOT_BYTES;
}

function insert(key: usize, length: usize): i32 {
  const target = arena + arenaUsed;
  if (key != target) copyKey(target, key, length);
  arenaUsed += length;
  const pair = count++;
  store<u32>(ends + (<usize>pair) * 4, <u32>arenaUsed);
  if (hasTexts) store<u32>(numbers + <usize>pair * 8, 0);
  return <i32>pair;
}

function grow(): void {
  if (hasSums) writeSums();
  resizeTable(neededSlots);
  let start = arena;
  for (let pair: u32 = 0; pair < count; pair++) {
    const end = endOf(pair);
    sign(start, end - start);
    const slot = emptySlot(signatureLow, signatureHigh);
    fill(slot, end - start, pair, signatureLow, signatureHigh);
    store<f64>(slot, load<f64>(numbers + <usize>pair * 8), SUM);
    start = end;
  }
}

function emptySlot(low: u64, high: u64): usize {
  let slot = home(low, high);
  while (load<u32>(slot, PAIR) != 0) slot = next(slot);
  return slot;
}

/** Fills an empty slot. Its sum is minus zero, to which any number can be added without changing. */
// @ts-ignore: decorator
@inline
function fill(slot: usize, length: usize, pair: u32, low: u64, high: u64): void {
  store<u64>(slot, low);
  store<u64>(slot, high, HIGH);
  store<u32>(slot, <u32>(length + 1), LENGTH);
  store<u32>(slot, pair + 1, PAIR);
  store<f64>(slot, -0.0, SUM);
}

/** The address of a pair's key. */
// @ts-ignore: decorator
@inline
export function startOf(pair: u32): usize {
  if (pair == 0) return arena;
  const end = endOf(pair - 1);
  return hasTexts ? end + textLength(pair - 1) : end;
}

/** The address after a pair's key. */
// @ts-ignore: decorator
@inline
export function endOf(pair: u32): usize {
  return arena + load<u32>(ends + <usize>pair * 4);
}

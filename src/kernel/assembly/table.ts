// Pairs in memory: key bytes one after another, and a column each for where a key ends, the hash that partitions it, and
// its number. A hash table finds a key that is there: open addressing, linear probing, sixteen bytes a slot:
// the key's first eight bytes u64 · tag u32, hash bits and length · pair number plus one u32, 0 in an empty slot.

import { firstBytes, hashedBits, hashOf, partitionHash, seedHash } from './hash';
import { lowBytes } from './keys';
import { PAIRS, PENDING } from './layout';
import { isUtf8, isWideUtf8 } from './utf8';

const SLOT_BYTES: usize = 16;
/** What a pair takes beside its key: end u32, hash u32, number f64. */
const COLUMN_BYTES: usize = 16;
/** What sorting takes for a pair; it uses the memory of the table. */
const SORT_BYTES: usize = 16;
/** At most 5/8 of the slots are taken. */
const LOAD_NUMERATOR: usize = 8;
const LOAD_DENOMINATOR: usize = 5;

/** The buffer has no room for a key. */
const FULL: i32 = -1;
/** A key is not UTF-8. */
const INVALID: i32 = -2;

let budget: usize = 0;
export let ends: usize = 0;
export let hashes: usize = 0;
export let numbers: usize = 0;
/** The slots; while sorting, what sorting needs. */
export let slots: usize = 0;
export let arena: usize = 0;

/** Values are texts: each stands behind its key, and its length in the place of the number. */
let hasTexts: bool = false;

export let count: u32 = 0;
export let arenaUsed: usize = 0;
let slotCount: usize = 0;
let firstSlotCount: usize = 0;

/** Lays the buffer out for `bytes` bytes. Answers the size of memory that this takes. */
export function configure(bytes: usize, slotsAtFirst: usize, hashSeed: u64): usize {
  const pairs = bytes / (COLUMN_BYTES + SORT_BYTES) + 1;
  budget = bytes;
  seedHash(hashSeed);
  firstSlotCount = slotsAtFirst;
  numbers = (PAIRS + 15) & ~15;
  ends = numbers + pairs * 8 + 8;
  hashes = ends + pairs * 4;
  slots = (hashes + pairs * 4 + 63) & ~63;
  arena = slots + bytes + 4096;
  return arena + bytes + 4096;
}

/** Forgets all pairs. `withTable`: equal keys will be found again. */
export function clear(withTable: bool): void {
  count = 0;
  arenaUsed = 0;
  hasTexts = false;
  slotCount = withTable ? firstSlotCount : 0;
  memory.fill(slots, 0, slotCount * SLOT_BYTES);
}

/** The address behind the last key. */
export function arenaEnd(): usize {
  return arena + arenaUsed;
}

export function pairCount(): u32 {
  return count;
}

/** How many bytes of the buffer are used. */
export function usedBytes(): usize {
  return used(slotCount);
}

/** Stops looking for equal keys: what is there stays. */
export function dropTable(): void {
  slotCount = 0;
}

// @ts-ignore: decorator
@inline
function used(slotsThen: usize): usize {
  const sorting = <usize>count * SORT_BYTES;
  const table = slotsThen * SLOT_BYTES;
  return arenaUsed + <usize>count * COLUMN_BYTES + (table > sorting ? table : sorting);
}

/** Adds a pair, without looking for its key. Answers its number, FULL or INVALID. */
export function append(key: usize, length: usize): i32 {
  if (!isUtf8(key, length)) return INVALID;
  if (used(slotCount) + length + COLUMN_BYTES + SORT_BYTES > budget) return FULL;
  return insert(key, length);
}

/** Values will be texts, from the first pair on. */
export function beginTexts(): void {
  hasTexts = true;
}

/** Adds a pair whose key stands behind the last one, and its text behind that. Answers its number, FULL or INVALID. */
export function appendText(length: usize, textBytes: usize): i32 {
  const key = arenaEnd();
  if (!isUtf8(key, length)) return INVALID;
  if (used(slotCount) + length + textBytes + COLUMN_BYTES + SORT_BYTES > budget) return FULL;
  const pair = insert(key, length);
  arenaUsed += textBytes;
  store<u32>(numbers + <usize>pair * 8, <u32>textBytes);
  return pair;
}

/** The length of a pair's text, which stands behind its key. */
// @ts-ignore: decorator
@inline
export function textLength(pair: u32): u32 {
  return load<u32>(numbers + <usize>pair * 8);
}

/** The number of the pair with a key, which is added where it is new; FULL where there is no room for it, or INVALID. */
export function find(key: usize, length: usize): i32 {
  const hash = hashOf(key, length);
  return isValid(key, length) ? findHashed(key, length, hash) : INVALID;
}

/** Whether the key that was hashed last is UTF-8. */
// @ts-ignore: decorator
@inline
function isValid(key: usize, length: usize): bool {
  return (hashedBits & 0x8080808080808080) == 0 || isWideUtf8(key, length);
}

function findHashed(key: usize, length: usize, hash: u64): i32 {
  const first = firstBytes(key, length);
  const tag = tagOf(hash, length);
  const mask = slotCount - 1;
  let slot = slots + (<usize>hash & mask) * SLOT_BYTES;
  const end = slots + slotCount * SLOT_BYTES;
  for (;;) {
    const pair = load<u32>(slot, 12);
    if (pair == 0) break;
    if (load<u64>(slot) == first && load<u32>(slot, 8) == tag && (length <= 8 || isKey(pair - 1, key, length))) {
      return <i32>(pair - 1);
    }
    slot += SLOT_BYTES;
    if (slot == end) slot = slots;
  }
  return add(key, length, hash, first, tag, slot);
}

/** Adds a number to that of a key, which is UTF-8. Answers false where the buffer is full. */
// @ts-ignore: decorator
@inline
export function addNumber(key: usize, length: usize, value: f64): bool {
  return addHashed(key, length, hashOf(key, length), value);
}

// @ts-ignore: decorator
@inline
function addHashed(key: usize, length: usize, hash: u64, value: f64): bool {
  const before = count;
  const pair = findHashed(key, length, hash);
  if (pair < 0) return false;
  const at = numbers + (<usize>pair) * 8;
  store<f64>(at, count == before ? load<f64>(at) + value : value);
  return true;
}

/** Adds a number to that of a key. Answers 1 where the key is new, 0 where it is not, FULL or INVALID. */
export function addKey(key: usize, length: usize, value: f64): i32 {
  const hash = hashOf(key, length);
  if (!isValid(key, length)) return INVALID;
  const before = count;
  if (!addHashed(key, length, hash, value)) return FULL;
  return count != before ? 1 : 0;
}

/** Adds a number to those of keys that are pending. Answers the first that it could not be added to, or their count. */
export function addPending(from: u32, to: u32, value: f64): u32 {
  for (let pending = from; pending < to; pending++) {
    const key = <usize>load<u32>(PENDING + <usize>pending * 8);
    const length = <usize>load<u32>(PENDING + <usize>pending * 8, 4) - key;
    const hash = hashOf(key, length);
    if (!isValid(key, length) || !addHashed(key, length, hash, value)) return pending;
  }
  return to;
}

function add(key: usize, length: usize, hash: u64, first: u64, tag: u32, slot: usize): i32 {
  const mustGrow = (<usize>count + 1) * LOAD_NUMERATOR > slotCount * LOAD_DENOMINATOR;
  if (used(mustGrow ? slotCount * 2 : slotCount) + length + COLUMN_BYTES > budget) return FULL;
  if (mustGrow) {
    grow();
    slot = emptySlot(hash);
  }
  const pair = insert(key, length);
  fill(slot, first, tag, <u32>pair);
  return pair;
}

function insert(key: usize, length: usize): i32 {
  const target = arena + arenaUsed;
  if (key != target) memory.copy(target, key, length);
  arenaUsed += length;
  const pair = count++;
  store<u32>(ends + (<usize>pair) * 4, <u32>arenaUsed);
  if (hasTexts) store<u32>(numbers + <usize>pair * 8, 0);
  store<u32>(hashes + (<usize>pair) * 4, partitionHash(target, length));
  return <i32>pair;
}

function grow(): void {
  slotCount *= 2;
  memory.fill(slots, 0, slotCount * SLOT_BYTES);
  let start = arena;
  for (let pair: u32 = 0; pair < count; pair++) {
    const end = endOf(pair);
    const length = end - start;
    const hash = hashOf(start, length);
    fill(emptySlot(hash), firstBytes(start, length), tagOf(hash, length), pair);
    start = end;
  }
}

function emptySlot(hash: u64): usize {
  const mask = slotCount - 1;
  let slot = <usize>hash & mask;
  while (load<u32>(slots + slot * SLOT_BYTES, 12) != 0) slot = (slot + 1) & mask;
  return slots + slot * SLOT_BYTES;
}

function fill(slot: usize, first: u64, tag: u32, pair: u32): void {
  store<u64>(slot, first);
  store<u32>(slot, tag, 8);
  store<u32>(slot, pair + 1, 12);
}

/** The address of a pair's key, and the one behind it. */
// @ts-ignore: decorator
@inline
export function startOf(pair: u32): usize {
  if (pair == 0) return arena;
  const end = endOf(pair - 1);
  return hasTexts ? end + textLength(pair - 1) : end;
}

// @ts-ignore: decorator
@inline
export function endOf(pair: u32): usize {
  return arena + load<u32>(ends + <usize>pair * 4);
}

/** Whether a pair, whose first bytes and tag are those of a longer key, has that key. */
function isKey(pair: u32, key: usize, length: usize): bool {
  const start = startOf(pair);
  if (endOf(pair) - start != length) return false;
  for (let i: usize = 8; i < length; i += 8) {
    const difference = load<u64>(start + i) ^ load<u64>(key + i);
    if (difference != 0 && (difference & lowBytes(length - i)) != 0) return false;
  }
  return true;
}

// @ts-ignore: decorator
@inline
function tagOf(hash: u64, length: usize): u32 {
  return (<u32>(hash >> 40) << 8) | (length > 255 ? 255 : <u32>length);
}

// Lays out the kernel's memory. The first part is fixed; the buffer for pairs follows, of the size that is asked for. Reads go up to
// 64 bytes beyond the bytes that they use, writes of lower case up to 15, so each area is followed by that much room.

/** Sixteen bytes of ones, then sixteen of zeros: sixteen bytes from `16 - n` on are the mask of the first n bytes. */
export const SIGNATURE_MASKS: usize = 512;

/** Which code points belong to words: for each alphabet one bit per code point, then one byte per page of 256, which is 1 if the page is known. */
export const ALPHABETS: usize = 1024;
export const ALPHABET_PAGES: usize = 0x1100;
export const ALPHABET_PAGE_BYTES: usize = 32;
export const ALPHABET_BYTES: usize = ALPHABET_PAGES * ALPHABET_PAGE_BYTES + ALPHABET_PAGES;

/** Counters of the radix sort, u32, for the values of a digit of 16 bits. */
export const COUNTERS: usize = 0x50000;

/** The words that were found last: start and end of each, u32. */
export const FOUND: usize = 0x98000;
export const MOST_FOUND: u32 = 256;

/** Keys in the input block that wait to be added: start and end of each, u32. */
export const PENDING: usize = 0x99000;
export const PENDING_COUNT: u32 = 512;

/** The ends of the lines that were found last, u32. */
export const LINE_ENDS: usize = 0x9a000;
export const MOST_LINE_ENDS: u32 = 1024;

/** Short strings with numbers that wait to be added; see `addStrings`. */
export const STRINGS: usize = 0x9b000;
export const STRING_BYTES: usize = 32;
export const MOST_STRINGS: u32 = 256;

/** The third alphabet, of marks, is apart: the first two leave no room for it. */
export const MARKS: usize = 0xa0000;

const ROOM: usize = 4096;

/** The input block, and its lower-cased copy. */
export const TEXT_BYTES: usize = 1 << 20;
export const TEXT: usize = 0x100000;
export const LOWER: usize = TEXT + TEXT_BYTES + ROOM;

/** Blocks of a sorted file that are to be written. */
export const OUT_BYTES: usize = 1 << 20;
export const OUT: usize = LOWER + TEXT_BYTES + ROOM;

/** The block into which inputs are merged: for each key its end u32, its number f64, its input u32, and whether it equals the key before u8; then the keys. */
export const MERGED_PAIRS: u32 = 4096;
export const MERGED_KEY_BYTES: u32 = 1 << 16;
export const MERGED_ENDS: usize = OUT + OUT_BYTES + ROOM;
export const MERGED_NUMBERS: usize = MERGED_ENDS + MERGED_PAIRS * 4;
export const MERGED_SOURCES: usize = MERGED_NUMBERS + MERGED_PAIRS * 8;
export const MERGED_REPEATS: usize = MERGED_SOURCES + MERGED_PAIRS * 4;
export const MERGED_KEYS: usize = MERGED_REPEATS + MERGED_PAIRS;

/** The buffer for pairs begins here. */
export const PAIRS: usize = MERGED_KEYS + MERGED_KEY_BYTES + ROOM;

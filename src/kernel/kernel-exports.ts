// The type of what the kernel exports.

interface Address {
  readonly value: number;
}

/** `assembly/entry.ts` names the file that has each, with what it does. Addresses are bytes in the kernel's memory. */
export interface KernelExports {
  readonly TEXT: Address;
  readonly TEXT_BYTES: Address;
  readonly FOUND: Address;
  readonly LINE_ENDS: Address;
  readonly MOST_FOUND: Address;
  readonly MOST_LINE_ENDS: Address;
  readonly LOWER: Address;
  readonly OUT: Address;
  readonly OUT_BYTES: Address;
  readonly MERGED_ENDS: Address;
  readonly MERGED_KEYS: Address;
  readonly MERGED_NUMBERS: Address;
  readonly MERGED_REPEATS: Address;
  readonly MERGED_SOURCES: Address;
  readonly PAIRS: Address;
  readonly PENDING: Address;
  readonly PENDING_COUNT: Address;
  readonly STRINGS: Address;
  readonly MOST_STRINGS: Address;
  readonly ALPHABET_PAGES: Address;
  readonly ALPHABET_PAGE_BYTES: Address;
  readonly numbers: Address;
  readonly order: Address;
  configure(bytes: number, firstSlots: number, seed: bigint): number;
  clear(withTable: boolean, adds: boolean): void;
  settleSums(): void;
  find(key: number, length: number): number;
  addPending(from: number, to: number, value: number): number;
  addStrings(from: number, to: number): number;
  addKey(key: number, length: number, value: number): number;
  append(key: number, length: number): number;
  appendJoined(pairs: number, units: number, bytes: number, hasNumbers: boolean, value: number): number;
  appendPending(from: number, to: number, hasNumbers: boolean, value: number): number;
  beginTexts(): void;
  appendText(length: number, textBytes: number): number;
  textLength(pair: number): number;
  dropTable(): void;
  arenaEnd(): number;
  pairCount(): number;
  usedBytes(): number;
  startOf(pair: number): number;
  endOf(pair: number): number;
  findLineEnds(at: number, end: number): number;
  lineEndsSearchedTo(): number;
  alphabetAddress(alphabet: number): number;
  findWords(at: number, end: number, alphabet: number, lower: boolean): number;
  addWords(at: number, end: number, alphabet: number, lower: boolean, value: number): number;
  addedWords(): number;
  nextPosition(): number;
  orderPairs(): void;
  partitionPairs(partitionCount: number, starts: number): void;
  sortRange(from: number, to: number): void;
  gather(from: number, to: number, target: number, pairs: number, keyBytes: number, values: number): number;
  gatheredBytes(): number;
  mergeBytes(inputs: number): number;
  beginMerge(inputs: number, at: number): void;
  clearMerged(): void;
  mergedPairCount(): number;
  setBlock(input: number, block: number, pairs: number, hasNumbers: boolean): void;
  endInput(input: number): void;
  isOpen(input: number): number;
  play(input: number): void;
  winner(): number;
  keyAddress(input: number): number;
  keyLength(input: number): number;
  numberAt(input: number): number;
  merge(adds: boolean): number;
  skip(): number;
  writeLines(pair: number, target: number, limit: number, withNumbers: boolean): number;
  writtenTo(): number;
}

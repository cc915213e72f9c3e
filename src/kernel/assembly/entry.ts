// Exports the kernel: what has to be done for each byte and each key, in AssemblyScript, built by `npm run build:kernel`.

export {
  ALPHABET_PAGES,
  ALPHABET_PAGE_BYTES,
  LINE_ENDS,
  LOWER,
  MERGED_ENDS,
  MERGED_KEYS,
  MERGED_NUMBERS,
  MERGED_REPEATS,
  MERGED_SOURCES,
  OUT,
  OUT_BYTES,
  PAIRS,
  PENDING,
  PENDING_COUNT,
  STRINGS,
  TEXT,
  TEXT_BYTES,
  FOUND,
  MOST_FOUND,
  MOST_STRINGS,
  MOST_LINE_ENDS,
} from './memory-layout';
export { findLineEnds, lineEndsSearchedTo } from './find-line-ends';
export { addedWords, addWords, alphabetAddress, findWords, nextPosition } from './find-words';
export {
  append,
  appendPending,
  appendText,
  arenaEnd,
  beginTexts,
  clear,
  configure,
  dropTable,
  endOf,
  find,
  numbers,
  pairCount,
  settleSums,
  startOf,
  textLength,
  usedBytes,
} from './key-table';
export { appendJoined } from './append-joined';
export { addKey, addPending, addStrings } from './add-to-sums';
export { order, orderPairs, sortRange } from './sort-pairs';
export { partitionPairs } from './partition-pairs';
export { gather, gatheredBytes } from './gather-block';
export {
  beginMerge,
  clearMerged,
  endInput,
  isOpen,
  keyAddress,
  keyLength,
  merge,
  mergeBytes,
  mergedPairCount,
  numberAt,
  play,
  setBlock,
  skip,
  winner,
} from './merge-tournament';
export { writeLines, writtenTo } from './write-lines';

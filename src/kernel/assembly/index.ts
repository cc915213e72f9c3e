// The kernel: what is done for each byte and each key, in WebAssembly. Built by `npm run build:kernel`.

export {
  ALPHABETS,
  ALPHABET_BYTES,
  ALPHABET_PAGES,
  PAGE_BYTES,
  LOWER,
  OUT,
  OUT_BYTES,
  TEXT,
  TEXT_BYTES,
  TOKENS,
  TOKEN_COUNT,
} from './layout';
export { addedWords, addWords, findWords, nextPosition } from './words';
export {
  append,
  arenaEnd,
  clear,
  configure,
  dropTable,
  endOf,
  find,
  numbers,
  pairCount,
  startOf,
  usedBytes,
} from './table';
export { order, partitionPairs, sortRange } from './sort';
export { gather, gatheredBytes } from './block';

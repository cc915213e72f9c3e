// Counts how often each line occurs. If nearly all are distinct, nearly all time goes into sorting and moving pairs.

import { defineJob, sum } from 'http-mapreduce';

export default defineJob({
  name: 'path-count',
  map(path: string, { emit }) {
    emit(path, 1);
  },
  combine: sum,
  reduce: sum,
});

// How often each line occurs: where nearly all are distinct, all is in how pairs are sorted and moved.

import { defineJob, sum } from 'http-mapreduce';

export default defineJob({
  name: 'path-count',
  map(path: string, { emit }) {
    emit(path, 1);
  },
  combine: sum,
  reduce: sum,
});

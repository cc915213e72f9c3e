// Counts how often each line occurs, on views of bytes.

import { byteLines, defineJob, sum } from 'http-mapreduce';

export default defineJob({
  name: 'path-count-bytes',
  input: byteLines(),
  map(path, { emit }) {
    emit(path, 1);
  },
  combine: sum,
  reduce: sum,
});

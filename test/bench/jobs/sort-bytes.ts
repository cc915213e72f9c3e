// Sorts records as views of bytes: a record is its own key. Partitions are ranges: the outputs, one after another, are sorted.

import { byteLines, defineJob, identity } from 'http-mapreduce';

export default defineJob({
  name: 'sort-bytes',
  input: byteLines(),
  partition: 'range',
  map(record, { emit }) {
    emit(record, null);
  },
  reduce: identity,
});

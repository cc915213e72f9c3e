// Sorts records as views of bytes: a record is its own key. Partitions are by hash: each output is sorted, not all together.

import { byteLines, defineJob } from 'http-mapreduce';

export default defineJob({
  name: 'sort-bytes',
  input: byteLines(),
  map(record, emit) {
    emit(record, null);
  },
  *reduce(record, values) {
    for (const value of values) yield [record, value];
  },
});

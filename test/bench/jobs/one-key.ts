// Emits a thousand values of one key for every line, without a combiner: shows how long the list of a key may become.

import { defineJob, type MapContext } from 'http-mapreduce';

const VALUES_A_LINE = 1000;

export default defineJob({
  name: 'one-key',
  map(line: string, { emit }: MapContext<number>) {
    const number = Number(line);
    for (let i = 0; i < VALUES_A_LINE; i++) emit('key', number);
  },
  reduce(_key, values) {
    let [count, total] = [0, 0];
    for (const value of values) {
      count++;
      total += value;
    }
    return `${count} ${total}`;
  },
});

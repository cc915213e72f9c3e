import { setTimeout as delay } from 'node:timers/promises';

import { defineJob } from 'http-mapreduce';

export default defineJob({
  name: 'reduce-delay',
  description: 'counts the lines of each file; every second file takes its reduce --param ms=1000 longer',
  params: { ms: 1000 },
  *map(_line: string, { file }) {
    yield [file, 1];
  },
  async reduce(file, ones, { params }) {
    let count = 0;
    for (const one of ones) count += one;
    if (file.length % 2 === 0) await delay(params.ms);
    return count;
  },
});

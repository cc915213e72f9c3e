import { mkdirSync, readdirSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { defineJob } from 'http-mapreduce';

export default defineJob({
  name: 'reduce-timing',
  description: 'how many reduce tasks ran at the same time; each key takes --param ms=500',
  params: { ms: 500 },
  *map(line: string) {
    yield [line.slice(0, 1).toLowerCase(), 1];
  },
  combine: (_letter, ones) => {
    let count = 0;
    for (const one of ones) count += one;
    return count;
  },
  /** Keeps one marker file per running reduce, in a directory of this run; the last reduce removes the directory. */
  async reduce(_letter, _counts, { runId, task, params }) {
    const marks = join(tmpdir(), `mapreduce-timing-${runId}`);
    mkdirSync(marks, { recursive: true });
    writeFileSync(join(marks, task), '');
    await delay(params.ms);
    const running = readdirSync(marks).length;
    rmSync(join(marks, task));
    try {
      rmdirSync(marks);
    } catch {
      // Others are still running.
    }
    return running;
  },
});

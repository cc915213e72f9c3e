// Tests that everything a run reports as done is on the disk by then. The driver runs in the test's own process, so that its system
// calls can be observed.

import { fstatSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { expect } from 'vitest';

import { runJob } from '../../src/run-job.ts';
import { changeCall } from '../fixtures/changed-calls.ts';
import { journalPath } from '../fixtures/journals.ts';
import { test } from '../fixtures/scratch.ts';

test('the whole journal and its name are synced before a run is reported as done', async ({ scratch }) => {
  scratch.write('text.txt', 'one two\n');
  /** The size of each file, by inode, when it was last synced. */
  const synced = new Map<number, number>();
  for (const name of ['fdatasync', 'fsync'] as const) {
    changeCall(name, (sync) => (fd, done) => {
      const { ino, size } = fstatSync(fd);
      sync(fd, (error) => {
        if (error === null) synced.set(ino, size);
        done(error);
      });
    });
  }

  const { outputs } = await runJob({
    inputs: [join(scratch.dir, 'text.txt')],
    dir: scratch.state,
    workers: 1,
    workerPort: scratch.port,
    port: scratch.port + 1,
  });

  expect(outputs.map((path) => readFileSync(path, 'utf8'))).toEqual(['one\t1\ntwo\t1\n']);
  const { ino, size } = statSync(journalPath(scratch));
  expect(readFileSync(journalPath(scratch), 'utf8')).toMatch(/"type":"run-ended","outcome":\{"state":"done"[^\n]*\n$/);
  expect(synced.get(ino)).toBe(size);
  const folder = dirname(journalPath(scratch));
  for (const named of [folder, dirname(folder)]) expect(synced.has(statSync(named).ino), named).toBe(true);
});

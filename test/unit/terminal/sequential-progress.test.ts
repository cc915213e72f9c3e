import { expect, test } from 'vitest';

import { sequentialProgress } from '../../../src/terminal/sequential-progress.ts';

test('a sequential run reports its progress every 10 s', () => {
  const said: string[] = [];
  let nowMs = 0;
  const tell = sequentialProgress(
    (line) => said.push(line),
    () => nowMs,
  );
  tell({ pass: 1, readBytes: 1_000_000 });
  nowMs = 10_000;
  tell({ pass: 1, readBytes: 2_000_000 });
  tell({ pass: 1, readBytes: 3_000_000 });
  nowMs = 75_000;
  tell({ pass: 1, keys: 1024, allKeys: 50_000 });
  nowMs = 90_000;
  tell({ pass: 2, readBytes: 1_000_000 });
  expect(said).toEqual([
    'sequential run: 2.00 MB read after 10.0 s',
    'sequential run: 1,024 of 50,000 keys reduced after 1 min 15 s',
    'sequential run: pass 2, for keys that memory had no room for: 1.00 MB read after 1 min 30 s',
  ]);
});

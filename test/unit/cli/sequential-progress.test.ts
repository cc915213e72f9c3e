import { expect, test } from 'vitest';

import { sequentialProgress } from '../../../src/cli/sequential-progress.ts';

test('a line every 10 s says how far a sequential run is', () => {
  const said: string[] = [];
  let nowMs = 0;
  const tell = sequentialProgress(
    (line) => said.push(line),
    () => nowMs,
  );
  tell({ readBytes: 1_000_000 });
  nowMs = 10_000;
  tell({ readBytes: 2_000_000 });
  tell({ readBytes: 3_000_000 });
  nowMs = 75_000;
  tell({ keys: 1024, allKeys: 50_000 });
  expect(said).toEqual([
    'sequential run: 2.00 MB read after 10 s',
    'sequential run: 1,024 of 50,000 keys reduced after 1 min 15 s',
  ]);
});

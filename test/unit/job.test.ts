// The jobs of the imported file are for the compiler. This test shows that they can be declared.
import './job.types.ts';

import { expect, test } from 'vitest';

import { defineJob } from '../../src/job.ts';

test('defineJob returns its argument', () => {
  const job = { name: 'same', map: () => {}, reduce: () => {} };
  expect(defineJob(job)).toBe(job);
});

// The jobs of this file are for the compiler; that they can be declared is seen here.
import './job.types.ts';

import { expect, test } from 'vitest';

import { defineJob } from '../../src/job.ts';

test('a job is what defineJob was given', () => {
  const job = { name: 'same', map: () => {}, reduce: () => {} };
  expect(defineJob(job)).toBe(job);
});

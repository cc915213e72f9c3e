// Tests that a task which takes far longer than the others gets a second attempt, and that the first one to end wins.

import { expect } from 'vitest';

import { STRAGGLING } from '../fixtures/paths.ts';
import { test } from '../fixtures/scratch.ts';
import { countWords, LIBRARY, library } from '../fixtures/texts.ts';

test('a slow map and a slow reduce get backup attempts that win, and the slow attempts are cancelled and count for nothing', async ({
  scratch,
}) => {
  const texts = library(scratch);
  const job = ['--job', STRAGGLING, '--param', 'slow=map-2.1,reduce-0.1'];

  const { stdout, stderr } = await scratch.done(['-N', '4', '-M', '3', '-W', '2', ...job, ...texts]);

  expect(scratch.output()).toBe(countWords(Object.values(LIBRARY)));
  for (const task of ['map-2', 'reduce-0']) {
    expect(stderr).toMatch(new RegExp(`^${task}\\.2 started on worker [12] as a backup: ${task}\\.1 is slow`, 'm'));
    expect(stderr).toMatch(new RegExp(`^${task}\\.1 on worker [12] cancelled: the other attempt was first$`, 'm'));
  }
  expect(stdout).toContain('backup attempts: 2, first: 2');
  const lines = Object.values(LIBRARY).join('').split('\n').length - 1;
  expect(stdout).toContain(`counter lines: ${lines.toLocaleString('en')}`);
});

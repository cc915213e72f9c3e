// Runs one round of `npm run chaos`, so that it stays usable, and so that each test run meets a few faults.

import { join } from 'node:path';

import { expect } from 'vitest';

import { seed } from '../fixtures/random.ts';
import { ROOT, succeeded, test } from '../fixtures/scratch.ts';

const CHAOS = join(ROOT, 'test/chaos/main.ts');

test(`a run with injected faults ends with the right output if its command is repeated until it succeeds (seed ${seed})`, async ({
  scratch,
}) => {
  const args = ['--seed', String(seed), '--rounds', '1'];

  const { exitCode, stdout, stderr } = await scratch.startProgram(process.execPath, [CHAOS, ...args]).finished;

  expect(exitCode, `${stdout}\n${stderr}`).toBe(0);
  const lines = stdout.trimEnd().split('\n');
  expect(lines[0]).toMatch(new RegExp(`^round 1 \\(seed ${seed}\\): .*; drivers ended with .*0: right after .* s$`));
  expect(lines.at(-1)).toMatch(
    /^1 round, \d+ faults?, \d+ drivers?: every output was right, and nothing was left behind$/,
  );
}, 240_000);

test('wrong flags end the command with one line and exit code 2', async ({ scratch }) => {
  for (const [args, expected] of [
    [['--seed', 'x'], /--seed.*expected a whole number, found "x"/],
    [['--rounds', '-1'], /--rounds.*expected a whole number, found "-1"|argument missing/],
    [['--minutes', '0'], /--minutes.*expected a positive number, found "0"/],
    [['--fast'], /unknown option '--fast'/],
    [['7'], /too many arguments/],
  ] as const) {
    const { exitCode, stdout, stderr } = await scratch.startProgram(process.execPath, [CHAOS, ...args]).finished;
    expect.soft(exitCode, args.join(' ')).toBe(2);
    expect.soft(stderr).toMatch(/^chaos: [^\n]+\n$/);
    expect.soft(stderr).toMatch(expected);
    expect.soft(stdout).toBe('');
  }
  succeeded(await scratch.startProgram(process.execPath, [CHAOS, '--rounds', '0']).finished);
});

// Tests state files that are damaged during a run: the run and the next one end with the right output or with one clear error.

import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect } from 'vitest';

import { DAMAGES } from '../fixtures/damages.ts';
import { journalPath } from '../fixtures/journals.ts';
import { isHeld } from '../fixtures/killed-driver.ts';
import { HOLDING_RANGES } from '../fixtures/paths.ts';
import { type Scratch, succeeded, test } from '../fixtures/scratch.ts';
import { countWords, LIBRARY, library } from '../fixtures/texts.ts';

const EXPECTED = countWords(Object.values(LIBRARY));
const SOME = DAMAGES.filter(([how]) =>
  ['with another digit', 'that is gone', 'that is a pipe', 'that is huge'].includes(how),
);

function holding(scratch: Scratch): string[] {
  const params = ['--param', 'hold=map-1.1', '--param', 'gate=gate'];
  return ['-N', '4', '-M', '3', '-W', '1', '--job', HOLDING_RANGES, ...params, ...library(scratch)];
}

describe('damage during a map task', () => {
  test.for(SOME)(
    'a run has the right output if all small state files are damaged (%s) during a map task',
    async ([how, damage], { scratch }) => {
      const args = holding(scratch);
      const driver = scratch.drive(args);
      const pid = await isHeld(scratch, 'map-1.1', driver);
      for (const name of ['run.json', 'job.json', 'token', 'lock.holder']) damage(join(scratch.state, name));
      // The replacement for the worker has to find the token.
      process.kill(pid, 'SIGKILL');

      const result = succeeded(await driver.finished);

      expect(scratch.outputs().join(''), how).toBe(EXPECTED);
      expect(result.stderr).toMatch(/^worker 1 lost: [^\n]*it had map-1\.1/m);
    },
  );

  test.for(SOME)(
    'a run and the next one have the right output if the journal is damaged (%s) during a map task',
    async ([how, damage], { scratch }) => {
      const args = holding(scratch);
      const driver = scratch.drive(args);
      await isHeld(scratch, 'map-1.1', driver);
      const path = journalPath(scratch);
      damage(path);
      scratch.write('gate/map-1.1', '');

      succeeded(await driver.finished);
      expect(scratch.outputs().join(''), how).toBe(EXPECTED);
      const next = await scratch.run(args);
      if (next.exitCode !== 0) {
        expect(next.exitCode).toBe(2);
        expect(next.stderr).toMatch(/^mapreduce: \S+: expected a journal [^\n]*--fresh[^\n]*\n$/);
        await scratch.done([...args, '--fresh']);
      }
      expect(scratch.outputs().join(''), how).toBe(EXPECTED);
    },
  );
});

test('a run does without the file that describes waiting workers if the file is damaged', async ({ scratch }) => {
  scratch.write('text.txt', 'one two\n');
  const workers = await scratch.workers(1);
  const path = join(scratch.state, 'workers.json');
  for (const [how, damage] of SOME) {
    if (existsSync(path)) rmSync(path, { recursive: true });
    scratch.write('files/workers.json', '{"kind":"standing-workers"}\n');
    damage(path);
    const result = await scratch.done(['-W', '1', 'text.txt']);
    expect(result.stderr, how).toContain('1 of them listening already');
  }
  succeeded(await scratch.start(['reset']).finished);
  expect(existsSync(path)).toBe(false);
  workers.signal('SIGINT');
  succeeded(await workers.finished);
  expect(readFileSync(join(scratch.dir, 'text.txt'), 'utf8')).toBe('one two\n');
});

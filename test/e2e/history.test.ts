// Tests `mapreduce history`, which lists the runs of a state directory, and narrates one of them: what was lost, why, and what was
// done about it (promise 10).

import { readFileSync, truncateSync } from 'node:fs';

import { describe, expect } from 'vitest';

import { journalPath, runIds } from '../fixtures/journals.ts';
import { isHeld, kill, killedAt, holdingAt } from '../fixtures/killed-driver.ts';
import { HOLDING } from '../fixtures/paths.ts';
import { type Scratch, succeeded, test } from '../fixtures/scratch.ts';
import { library } from '../fixtures/texts.ts';

/** What `mapreduce history ...` prints, line by line. */
async function history(scratch: Scratch, ...args: string[]): Promise<string[]> {
  const { stdout } = succeeded(await scratch.start(['history', ...args]).finished);
  return stdout.split('\n').slice(0, -1);
}

describe('the history', () => {
  test('the history of a directory without runs is empty', async ({ scratch }) => {
    expect(await history(scratch)).toEqual([]);
    expect(scratch.files()).toEqual([]);
  });

  test('the history lists runs, the oldest first, with the outcome of each', async ({ scratch }) => {
    scratch.write('text.txt', 'one two\n');
    scratch.write('bad.ts', `export default { name: 'bad', map() { throw new Error('no') }, reduce() {} };`);
    await scratch.done(['-N', '2', '-M', '1', '-W', '1', 'text.txt']);
    await scratch.run(['-N', '1', '-M', '1', '-W', '1', '--max-attempts', '1', '--job', 'bad.ts', 'text.txt']);
    const args = ['-N', '1', '-M', '1', '-W', '1', '--job', HOLDING, '--param', 'hold=map-0.1', 'text.txt'];
    const driver = scratch.drive(args);
    await isHeld(scratch, 'map-0.1', driver);
    driver.signal('SIGINT');
    await driver.finished;
    await killedAt(scratch, 'map-0.1', [...args, '--fresh']);

    const lines = await history(scratch);

    const ids = runIds(scratch.state);
    expect(new Set(lines.map((line) => line.split(' ', 1)[0]))).toEqual(new Set(ids));
    const [done, failed, interrupted, killed] = lines;
    expect(done).toMatch(/ {2}word-count over 1 file, 8 B, 2 \+ 1 tasks: done in \d+\.\d\d s$/);
    expect(failed).toMatch(/ {2}bad over .*: failed after .* s: map-0 failed on worker 1, .*no \(1 attempt failed\)$/);
    expect(interrupted).toMatch(/ {2}holding over .*: interrupted by SIGINT after \d+\.\d\d s$/);
    expect(killed).toMatch(/ {2}holding over .*: not ended, \d+\.\d\d s so far$/);
  });

  test('the history narrates a run in which two workers and the driver were killed', async ({ scratch }) => {
    const texts = library(scratch);
    const hold = 'hold=map-1.1,map-1.2,reduce-1.1';
    const args = ['-N', '4', '-M', '2', '-W', '1', '--job', HOLDING, '--param', hold, ...texts];
    const driver = scratch.drive(args);
    for (const attempt of ['map-1.1', 'map-1.2']) {
      const [, pid] = await driver.line(new RegExp(`${RegExp.escape(attempt)} waits in process (\\d+)$`));
      process.kill(Number(pid), 'SIGKILL');
    }
    await isHeld(scratch, 'reduce-1.1', driver);
    await kill(driver);
    await scratch.done(args);
    const [id = ''] = runIds(scratch.state);

    const [line] = await history(scratch);
    expect(line).toMatch(/: done in .* \(2 workers lost, 1 driver lost\)$/);
    for (const name of [id, id.slice(0, 8), id.slice(0, -1)]) {
      const told = (await history(scratch, name)).map((text) => text.replace(/^ *\d+\.\d\d s {2}/, ''));
      expect(told[0]).toMatch(/^\d{4}-\d\d-\d\dT\S+Z {2}holding begins: 4 map tasks, 2 reduce tasks$/);
      expect(told).toContain('4 chunks written');
      expect(told).toContain(
        'worker 1 lost: its process ended with SIGKILL; it had map-1.1, which will be tried again',
      );
      expect(told).toContain('worker 1 replaced: a new process is started, restart 1 of 5');
      expect(told).toContain(
        'worker 1 lost: its process ended with SIGKILL; it had map-1.2, which will be tried again',
      );
      expect(told).toContain('worker 1 replaced: a new process is started within 0.25 s, restart 2 of 5');
      const death = told.indexOf('the driver died: nothing is recorded after this');
      expect(told[death + 1]).toBe('a new driver continues the run');
      expect(told).toContain('5 tasks of an earlier driver checked, and used as they are');
      expect(told.findLastIndex((text) => text.startsWith('done in '))).toBeGreaterThan(death);
      expect(told).toContain('  on the way: 2 workers lost, 0 attempts failed');
      expect(told).toContain('  reused: 5 tasks that an earlier driver had committed');
    }
  });

  test('the history narrates what is left of a torn journal, and reports the damage', async ({ scratch }) => {
    await killedAt(scratch, 'map-2.1', holdingAt('map-2.1', library(scratch)));
    const path = journalPath(scratch);
    truncateSync(path, readFileSync(path, 'utf8').length - 5);

    const told = await history(scratch, runIds(scratch.state)[0]!);

    expect(told.at(-1)).toBe('the end of this journal is torn or damaged: its last entries are missing here');
    expect(told.at(-2)).toMatch(/not ended, .* so far$/);
    expect(await history(scratch)).toHaveLength(1);
    truncateSync(path, 0);
    expect(await history(scratch)).toEqual([]);
  });

  test('asking for a run that does not exist, or for several, ends with one line and exit code 2', async ({
    scratch,
  }) => {
    scratch.write('text.txt', 'one two\n');
    for (let run = 0; run < 2; run++) await scratch.done(['-N', '1', '-M', '1', '-W', '1', 'text.txt']);
    const [first = '', second = ''] = runIds(scratch.state);

    for (const [name, expected] of [
      ['x', /run x: expected one run in \S+history, found none; mapreduce history lists them$/m],
      [
        '2',
        new RegExp(`run 2: expected one run in .*, found 2: ${first}, ${second}; mapreduce history lists them$`, 'm'),
      ],
      ['../../etc', /found none/],
      [`${first}0`, /found none/],
    ] as const) {
      const { exitCode, stdout, stderr } = await scratch.start(['history', name]).finished;
      expect(exitCode).toBe(2);
      expect(stdout).toBe('');
      expect(stderr).toMatch(/^mapreduce: [^\n]+\n$/);
      expect(stderr).toMatch(expected);
    }
  });

  test('a reset removes the history', async ({ scratch }) => {
    scratch.write('text.txt', 'one two\n');
    await scratch.done(['-N', '1', '-M', '1', '-W', '1', 'text.txt']);
    scratch.write('files/history/notes.txt', 'not ours\n');

    succeeded(await scratch.start(['reset']).finished);

    expect(await history(scratch)).toEqual([]);
    expect(scratch.files()).toEqual(['files/history/notes.txt', 'text.txt']);
  });
});

// Tests which command may continue an unfinished run, and which messages both get. A command that is refused touches nothing.

import { hash } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect } from 'vitest';

import { holdingAt, isHeld, kill, killedAt } from '../fixtures/killed-driver.ts';
import { journalPath } from '../fixtures/journals.ts';
import { HOLDING, HOLDING_SAMPLE } from '../fixtures/paths.ts';
import { type Scratch, succeeded, test } from '../fixtures/scratch.ts';
import { countWords, LIBRARY, library } from '../fixtures/texts.ts';

const EXPECTED = countWords(Object.values(LIBRARY));

/** Returns all names in the state directory except the lock, which a dead driver leaves, and a refused command takes. */
function contents(scratch: Scratch): Record<string, string> {
  const names = scratch.files('files').filter((name) => !name.startsWith('files/lock'));
  return Object.fromEntries(names.map((name) => [name, hash('sha256', readFileSync(join(scratch.dir, name)))]));
}

/** Expects each command to end with exit code 2 and one line, and to leave the state directory unchanged. */
async function expectRefused(scratch: Scratch, cases: readonly (readonly [string[], RegExp])[]): Promise<void> {
  const before = contents(scratch);
  for (const [args, expected] of cases) await expectRefusal(scratch, args, expected);
  expect(contents(scratch)).toEqual(before);
}

async function expectRefusal(scratch: Scratch, args: readonly string[], expected: RegExp): Promise<void> {
  const { exitCode, stdout, stderr } = await scratch.run(args);
  const command = `mapreduce run ${args.join(' ')}\n${stderr}`;
  expect.soft(exitCode, command).toBe(2);
  expect.soft(stderr, command).toMatch(/^mapreduce: [^\n]+\n$/);
  expect.soft(stderr, command).toMatch(expected);
  expect.soft(stdout, command).toBe('');
}

describe('an unfinished run', () => {
  test('an unfinished run refuses any other run, and names both ways out', async ({ scratch }) => {
    const texts = library(scratch);
    scratch.write('job.ts', readFileSync(HOLDING));
    const args = ['-N', '4', '-M', '2', '-W', '1', '--job', 'job.ts', '--param', 'hold=map-2.1', ...texts];
    await killedAt(scratch, 'map-2.1', args);
    scratch.write('copy.ts', readFileSync(HOLDING));
    scratch.write('more.txt', 'one more\n');
    const count = args.slice(2);

    await expectRefused(scratch, [
      [
        ['-N', '4', '-M', '2', ...texts],
        /holds the unfinished run \S+ of holding: .*same command again.*--fresh.*--dir/,
      ],
      [args.with(7, 'copy.ts'), /expected the job \S+\/job\.ts, found \S+\/copy\.ts/],
      [args.with(9, 'hold=map-3.1'), /expected the parameters \{"hold":"map-2\.1"\}, found \{"hold":"map-3\.1"\}/],
      [[...args, 'more.txt'], /expected its 4 inputs, found 5/],
      [[...args.slice(0, -1), 'more.txt'], /expected the inputs as they were, found .* at polyglot\.txt/],
      [[...args.slice(0, -2), ...args.slice(-2).reverse()], /expected the inputs as they were, found .* at sotu\.txt/],
      [['-N', '5', ...count], /expected -N 4, found 5/],
      [args.with(3, '3'), /expected -M 2, found 3/],
    ]);

    const text = readFileSync(join(scratch.dir, 'sotu.txt'));
    scratch.write('sotu.txt', `${text.toString()}more\n`);
    scratch.write('job.ts', `${readFileSync(HOLDING, 'utf8')}\n`);
    await expectRefused(scratch, [[args, /expected the job as it was, found it changed \(\S+\/job\.ts\)/]]);
    scratch.write('job.ts', readFileSync(HOLDING));
    await expectRefused(scratch, [
      [args, /expected the inputs as they were, found another one, or a change, at sotu\.txt/],
    ]);

    const fresh = await scratch.done([...args.with(9, 'hold=none'), '--fresh']);
    expect(fresh.stdout).not.toContain('reused');
    expect(scratch.output()).toBe(countWords([...Object.values(LIBRARY), 'more\n']));
  });

  test('an unfinished run continues if the numbers of tasks are left out', async ({ scratch }) => {
    const args = holdingAt('map-2.1', library(scratch));
    await killedAt(scratch, 'map-2.1', args);

    const result = await scratch.done(args.slice(4));

    expect(result.stderr).toContain('4 map tasks, 2 reduce tasks');
    expect(scratch.output()).toBe(EXPECTED);
  });

  test('an unfinished run whose journal is missing starts over', async ({ scratch }) => {
    const args = holdingAt('map-2.1', library(scratch));
    await killedAt(scratch, 'map-2.1', args);
    rmSync(journalPath(scratch));

    const result = await scratch.done(args.with(9, 'hold=none'));

    expect(result.stdout).not.toContain('reused');
    expect(scratch.output()).toBe(EXPECTED);
  });

  test('a journal of another version, or a file that is not a journal, is refused', async ({ scratch }) => {
    const args = holdingAt('map-2.1', library(scratch));
    await killedAt(scratch, 'map-2.1', args);
    const path = journalPath(scratch);
    const text = readFileSync(path, 'utf8');
    const ways = 'start over with --fresh, or after mapreduce reset';

    for (const [other, found] of [
      [text.replace('http-mapreduce/2', 'http-mapreduce/9'), 'version http-mapreduce/9'],
      [`{"type":"run-started","journal":"http-mapreduce/3"}\n${text}`, 'version http-mapreduce/3'],
      [text.replace('"mapCount":4', '"mapCount":5'), 'a first line that is damaged'],
      ['Dear diary,\n', 'something else'],
      ['\n', 'something else'],
      ['[]\n', 'something else'],
    ] as const) {
      writeFileSync(path, other);
      await expectRefused(scratch, [[args, new RegExp(`http-mapreduce/2, found ${found}; ${ways}`)]]);
    }
    const history = await scratch.start(['history']).finished;
    expect(history.exitCode).toBe(2);
    expect(history.stderr).toMatch(/^mapreduce: \S+journal\.ndjson: expected a journal of version [^\n]+\n$/);

    await scratch.done([...args.with(9, 'hold=none'), '--fresh']);
    expect(scratch.output()).toBe(EXPECTED);
  });
});

describe('a second driver', () => {
  test('a second driver is refused with the name of the first, but the lock of a dead driver is ignored', async ({
    scratch,
  }) => {
    const args = holdingAt('map-2.1', library(scratch));
    const driver = scratch.drive(args);
    await isHeld(scratch, 'map-2.1', driver);

    const who = `a run of holding, process ${driver.pid} on \\S+, since \\d{4}-\\d\\d-\\d\\dT\\S+`;
    await expectRefusal(
      scratch,
      args,
      new RegExp(`files is in use by ${who}; wait for its end, or name another directory with --dir$`, 'm'),
    );
    await expectRefusal(scratch, [...args, '--fresh'], /is in use by/);
    expect(driver.ended).toBe(false);
    await kill(driver);
    expect(scratch.files()).toContain('files/lock');

    await scratch.done(args);
    expect(scratch.output()).toBe(EXPECTED);
    expect(scratch.files()).not.toContain('files/lock');
    expect(scratch.files()).not.toContain('files/lock.holder');
  });
});

describe('a standby driver', () => {
  test('a standby driver takes over when the driver dies, and continues its run', async ({ scratch }) => {
    const args = holdingAt('map-2.1', library(scratch));
    const driver = scratch.drive(args);
    await isHeld(scratch, 'map-2.1', driver);
    const standby = scratch.drive([...args, '--standby']);
    await standby.line(new RegExp(`^standing by: \\S+files is in use by a run of holding, process ${driver.pid} on `));

    await kill(driver);
    const result = succeeded(await standby.finished);

    expect(result.stderr).toMatch(/^continues run /m);
    expect(result.stdout).toContain('reused: 2 tasks');
    expect(scratch.output()).toBe(EXPECTED);
  });

  test('only one of two standby drivers takes over, and the other waits for it', async ({ scratch }) => {
    const args = [...holdingAt('map-1.1,map-3.1', library(scratch)), '--standby'];
    const driver = scratch.drive(args);
    await isHeld(scratch, 'map-1.1', driver);
    const standbys = [scratch.drive(args), scratch.drive(args)];
    await Promise.all(standbys.map((standby) => standby.line(/^standing by: /)));

    await kill(driver);
    const next = await Promise.race(
      standbys.map(async (standby) => {
        await standby.line(/map-3\.1 waits in process/);
        return standby;
      }),
    );
    await isHeld(scratch, 'map-3.1', next);
    await kill(next);
    const last = standbys.find((standby) => standby !== next)!;
    const result = succeeded(await last.finished);

    expect(result.stdout).toContain('reused: 3 tasks');
    expect(scratch.output()).toBe(EXPECTED);
  });

  test('a standby driver ends with a message when the other driver ends its run, and on Ctrl-C', async ({
    scratch,
  }) => {
    const args = [...holdingAt('map-2.1', library(scratch)), '--param', 'gate=gate'];
    const driver = scratch.drive(args);
    await isHeld(scratch, 'map-2.1', driver);
    const [standby, another] = [scratch.drive([...args, '--standby']), scratch.drive([...args, '--standby'])];
    await Promise.all([standby.line(/^standing by: /), another.line(/^standing by: /)]);
    another.signal('SIGINT');
    const interrupted = await another.finished;
    expect(interrupted.exitCode).toBe(130);

    scratch.write('gate/map-2.1', '');
    succeeded(await driver.finished);
    const { stderr, stdout } = succeeded(await standby.finished);

    expect(stderr).toMatch(/^the other driver has ended its run: nothing is left to take over$/m);
    expect(stdout).toBe('');
    expect(scratch.output()).toBe(EXPECTED);
  });

  test('a standby driver fails like the other driver if its run fails, because there are no results', async ({
    scratch,
  }) => {
    scratch.write('text.txt', 'one\n');
    scratch.write(
      'job.mjs',
      `import { existsSync } from 'node:fs';
      import { setTimeout as delay } from 'node:timers/promises';
      export default {
        name: 'failing',
        async map() { console.error('map waits'); while (!existsSync('gate')) await delay(10); throw new Error('boo'); },
        reduce: () => 1,
      };`,
    );
    const args = ['-N', '1', '-M', '1', '-W', '1', '--max-attempts', '1', '--job', 'job.mjs', 'text.txt'];
    const driver = scratch.drive(args);
    await driver.line(/map waits/);
    const standby = scratch.drive([...args, '--standby', '--json']);
    await standby.line(/^standing by: /);
    scratch.write('gate', '');

    expect((await driver.finished).exitCode).toBe(3);
    const { exitCode, stderr, stdout } = await standby.finished;
    expect(exitCode).toBe(3);
    expect(stderr).toMatch(
      /^mapreduce: map-0 failed on worker 1, attempt 1 of 1 at the record at byte 0 of text\.txt: boo$/m,
    );
    expect(JSON.parse(stdout)).toMatchObject({ outcome: 'failed', error: { kind: 'job', exitCode: 3 } });
  });

  test('a standby driver reports if the other driver ran a different job, so its own was not run', async ({
    scratch,
  }) => {
    scratch.write('other.txt', 'one\n');
    const args = [...holdingAt('map-2.1', library(scratch)), '--param', 'gate=gate'];
    const driver = scratch.drive(args);
    await isHeld(scratch, 'map-2.1', driver);
    const standby = scratch.drive(['-W', '1', '--standby', 'other.txt']);
    await standby.line(/^standing by: /);
    scratch.write('gate/map-2.1', '');

    succeeded(await driver.finished);
    const { exitCode, stderr, stdout } = await standby.finished;
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(
      /^mapreduce: stood by for another run, \S+ of holding, which has ended: expected the job \S+, found [^\n]*again[^\n]*$/m,
    );
    expect(stdout).toBe('');
    expect(scratch.output()).toBe(EXPECTED);
  });

  test('a standby driver takes over from a driver that dies before it has begun, even if an earlier run has ended', async ({
    scratch,
  }) => {
    scratch.write('text.txt', 'one\ntwo\n');
    await scratch.done(['-W', '1', 'text.txt']);
    const args = ['-N', '2', '-M', '2', '-W', '1', '--job', HOLDING_SAMPLE, '--param', 'gate=gate', 'text.txt'];
    const driver = scratch.drive(args);
    await driver.line(/^\[job\] the sample waits$/);
    const standby = scratch.drive([...args, '--standby']);
    await standby.line(/^standing by: /);

    await kill(driver);
    scratch.write('gate', '');
    succeeded(await standby.finished);

    expect(standby.said.join('\n')).not.toContain('nothing is left');
    expect(scratch.outputs().join('')).toBe('one\t1\ntwo\t1\n');
  });
});

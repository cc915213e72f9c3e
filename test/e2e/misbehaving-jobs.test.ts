// Tests user code that does not return, uses up memory, or ends its thread: the attempt fails with the place of the record, and the
// worker survives. With --skip-bad-records the record is left out.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect } from 'vitest';

import { MISBEHAVING } from '../fixtures/paths.ts';
import { type Scratch, test } from '../fixtures/scratch.ts';
import { signedConnection } from '../fixtures/signed.ts';

const LIMITS = ['-N', '1', '-M', '1', '-W', '1', '--task-timeout', '2', '--task-memory', '64MiB'];
const ONCE = [...LIMITS, '--max-attempts', '1', '--job', MISBEHAVING];

/** Requests a worker's health. Returns its state, and how long the request took. */
async function health(scratch: Scratch): Promise<{ state: string; tookMs: number }> {
  const worker = signedConnection(`http://127.0.0.1:${scratch.port}`, 'worker', scratch.token());
  const startMs = performance.now();
  const { state } = JSON.parse((await worker.request({ method: 'GET', path: '/health' })).body) as { state: string };
  return { state, tookMs: performance.now() - startMs };
}

describe('the user’s code', () => {
  test('user code in an endless loop is cancelled with its record, and its worker answers meanwhile', async ({
    scratch,
  }) => {
    scratch.write('text.txt', 'a b\n!loop\nc\n');
    // A spawned worker would answer only its own driver.
    await scratch.workers(1);
    const driver = scratch.drive([...ONCE, 'text.txt']);
    await driver.line(/^worker 1 ready at /);
    let seen = await health(scratch);
    while (seen.state !== 'busy') seen = await health(scratch);
    expect((await health(scratch)).state).toBe('busy');
    const { exitCode, stderr } = await driver.finished;

    expect(exitCode).toBe(3);
    expect(stderr).toContain(
      'mapreduce: map-0 failed on worker 1, attempt 1 of 1 at the record at byte 4 of text.txt: no progress for 2 s (--task-timeout)',
    );
    expect(stderr).not.toContain('worker 1 lost');
  });

  test('user code that waits for something that never happens is cancelled with its record', async ({ scratch }) => {
    scratch.write('text.txt', 'a b\n!await\nc\n');
    const { exitCode, stderr } = await scratch.run([...ONCE, 'text.txt']);
    expect(exitCode).toBe(3);
    expect(stderr).toContain('at the record at byte 4 of text.txt: no progress for 2 s (--task-timeout)');
  });

  test('all lines that user code prints before an endless loop are shown', async ({ scratch }) => {
    const prints = "for (let at = 1; at <= 3; at++) console.log('word', at); console.error('last word'); for (;;);";
    scratch.write('job.mjs', `export default { name: 'prints', map() { ${prints} }, reduce() {} };`);
    scratch.write('text.txt', 'a\n');
    const { exitCode, said } = await scratch.run([...LIMITS, '--max-attempts', '1', '--job', 'job.mjs', 'text.txt']);
    expect(exitCode).toBe(3);
    for (const word of ['word 1', 'word 2', 'word 3', 'last word']) expect(said).toContain(`[worker 1] ${word}`);
  });

  test('user code in an endless loop in reduce is cancelled with its key', async ({ scratch }) => {
    scratch.write('text.txt', 'a b\n!loop\nc\n');
    const { exitCode, stderr } = await scratch.run([...ONCE, '--param', 'where=reduce', 'text.txt']);
    expect(exitCode).toBe(3);
    expect(stderr).toContain('at reduce of key "!loop": no progress for 2 s (--task-timeout)');
  });

  test.for([
    ['memory', /out of memory: .*limit of 64 MiB/],
    ['exit', /process\.exit\(9\)/],
  ] as const)(
    'user code that ends its thread (%s) fails the attempt with the cause and the place, and the worker survives',
    async ([way, says], { scratch }) => {
      scratch.write('text.txt', `a b\n!${way}\nc\n`);
      const { exitCode, stderr } = await scratch.run([...ONCE, 'text.txt']);
      expect(exitCode).toBe(3);
      expect(stderr).toMatch(
        /^mapreduce: map-0 failed on worker 1, attempt 1 of 1 at the record at byte 4 of text\.txt: /m,
      );
      expect(stderr).toMatch(says);
      expect(stderr).not.toContain('worker 1 lost');
    },
  );
});

describe('--skip-bad-records', () => {
  const TEXT = 'one two\n!throw\ntwo\n!loop\n!memory\nthree\n!exit\n!kill\nthree\n';

  test('a run skips and reports records that end their attempts by exception, hang, memory, exit or crash', async ({
    scratch,
  }) => {
    scratch.write('text.txt', TEXT);
    const args = [...LIMITS, '--job', MISBEHAVING, '--skip-bad-records', '5', 'text.txt'];
    const { stdout, stderr } = await scratch.done(args);

    expect(scratch.output(), stderr).toBe('one\t1\nthree\t2\ntwo\t2\n');
    expect(stdout).toMatch(/^done, 5 records skipped, in [\d.]+ s: misbehaving over 1 file/);
    const skipped = readFileSync(join(scratch.state, 'out/skipped.ndjson'), 'utf8').trim().split('\n');
    const records = skipped.map((line) => JSON.parse(line) as { file: string; offset: number; cause: string });
    expect(records.map(({ file, offset }) => `${file} ${offset}`)).toEqual(
      ['!throw', '!loop', '!memory', '!exit', '!kill'].map((line) => `text.txt ${TEXT.indexOf(line)}`),
    );
    for (const [index, cause] of [
      'this line is bad',
      'no progress',
      'out of memory',
      'process.exit(9)',
      'SIGKILL',
    ].entries())
      expect(records[index]?.cause).toContain(cause);
  });

  test('a run fails if there is one bad record more than allowed', async ({ scratch }) => {
    scratch.write('text.txt', 'one\n!throw\n!exit\ntwo\n');
    const args = [...LIMITS, '--job', MISBEHAVING, '--skip-bad-records', '1', 'text.txt'];
    const { exitCode, stderr } = await scratch.run(args);
    expect(exitCode).toBe(3);
    expect(stderr).toMatch(
      /^mapreduce: map-0 failed: expected at most 1 bad record \(--skip-bad-records\), found more/m,
    );
  });
});

// Tests that a job gets the driver's folder and environment variables, whoever started its worker, and in whatever folder.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect } from 'vitest';

import { test } from '../fixtures/scratch.ts';

const job = (map: string, fields = ''): string => `
import { readFileSync } from 'node:fs';
export default { name: 'surrounded', map(line, { emit }) { ${map} }, reduce: (key, ones) => [...ones].length, ${fields} };
`;

const SHAPE = ['-N', '1', '-M', '1', '--job', 'job.mjs', 'in.txt'];

describe('a worker that was started in another folder with other variables', () => {
  test('a worker that was started elsewhere gives a job the folder and the variables of the driver', async ({
    scratch,
  }) => {
    mkdirSync(join(scratch.dir, 'elsewhere'));
    scratch.write('side.txt', "driver's");
    scratch.write('elsewhere/side.txt', "worker's");
    const seen = "readFileSync('side.txt', 'utf8'), process.env.LIMIT, process.env.UNSET, new Date(0).getHours()";
    scratch.write('job.mjs', job(`emit(JSON.stringify([${seen}]), 1);`, "env: ['LIMIT', 'UNSET'],"));
    scratch.write('in.txt', 'a\n');
    await scratch.workers(1, {
      cwd: join(scratch.dir, 'elsewhere'),
      env: {
        ...process.env,
        LIMIT: '1',
        UNSET: 'is set',
        TZ: 'Europe/Berlin',
        MAPREDUCE_TOKEN: 'a-token-that-both-have',
      },
    });
    const env = { ...process.env, LIMIT: '2', TZ: 'Asia/Tokyo', MAPREDUCE_TOKEN: 'a-token-that-both-have' };
    const { stderr } = await scratch.done(['--verify', ...SHAPE], { env });
    expect(stderr).toContain('1 of them listening already');
    expect(scratch.output()).toBe(`["driver's","2",null,9]\t1\n`);
  });

  test('a worker that was started elsewhere serves a later run in a different folder', async ({ scratch }) => {
    await scratch.workers(1);
    for (const folder of ['one', 'two']) {
      const cwd = join(scratch.dir, folder);
      scratch.write(`${folder}/job.mjs`, job("emit(readFileSync('side.txt', 'utf8'), 1);"));
      scratch.write(`${folder}/side.txt`, folder);
      scratch.write(`${folder}/in.txt`, 'a\n');
      await scratch.done(['--dir', scratch.state, ...SHAPE], { cwd });
      expect(scratch.output()).toBe(`${folder}\t1\n`);
    }
  });
});

describe('a variable', () => {
  const env = { ...process.env, LIMIT: '2', MAPREDUCE_TOKEN: 'a-token-that-nobody-sees' };

  test.for([
    ['at the top level', `const limit = process.env.LIMIT;${job('emit(limit, 1);')}`, 2, 1],
    ['in map', job('\nemit(process.env.LIMIT, 1);'), 3, 4],
  ] as const)(
    'a variable that is set but not declared is reported at the line that reads it: %s',
    async ([, text, code, line], { scratch }) => {
      scratch.write('job.mjs', text);
      scratch.write('in.txt', 'a\n');
      const { exitCode, stderr } = await scratch.run(['--max-attempts', '1', ...SHAPE], { env });
      expect(stderr).toMatch(
        new RegExp(`job\\.mjs:${line}: expected that the job declares the variable LIMIT, .* add env: \\['LIMIT'\\]`),
      );
      expect(exitCode).toBe(code);
    },
  );

  test('a variable of ours, such as the token, is hidden from a job, but common variables are visible', async ({
    scratch,
  }) => {
    const seen =
      "process.env.MAPREDUCE_TOKEN, process.env.MAPREDUCE_TOKEN_FILE, typeof process.env.PATH, Object.keys(process.env).includes('LIMIT')";
    scratch.write(
      'job.mjs',
      job(`emit(JSON.stringify([${seen}, Object.keys(process.env).filter((name) => /^MAP/.test(name))]), 1);`),
    );
    scratch.write('in.txt', 'a\n');
    await scratch.done(['--verify', ...SHAPE], { env });
    expect(scratch.output()).toBe('[null,null,"string",false,[]]\t1\n');
  });

  test('an undeclared variable is an error however it is read, even in a sequential run', async ({ scratch }) => {
    const reads = [
      'env.LIMIT',
      'kept.LIMIT',
      "'LIMIT' in process.env",
      "Object.hasOwn(env, 'LIMIT')",
      "Reflect.get(process.env, 'LIMIT')",
    ];
    const said =
      '(read) => { try { return String(read()); } catch (error) { return /declares the variable LIMIT/.test(error) }}';
    const map = `for (const read of [${reads.map((read) => `() => ${read}`).join()}]) emit(String((${said})(read)), 1);`;
    const before = "import { env } from 'node:process'; const kept = process.env; env.OWN = 'kept';";
    scratch.write('job.mjs', before + job(`${map} emit(process.env.OWN, 1);`));
    scratch.write('in.txt', 'a\n');
    await scratch.done(['--verify', ...SHAPE], { env: { ...env, OWN: 'given' } });
    expect(scratch.output()).toBe('kept\t1\ntrue\t5\n');
  });

  test('an undeclared variable that a package reads is not set', async ({ scratch }) => {
    scratch.write('node_modules/asks/package.json', '{ "name": "asks", "version": "1.0.0", "main": "index.js" }');
    scratch.write('node_modules/asks/index.js', 'module.exports = () => String(process.env.LIMIT);');
    scratch.write('job.mjs', `import ask from 'asks';${job('emit(ask(), 1);')}`);
    scratch.write('in.txt', 'a\n');
    await scratch.done(SHAPE, { env });
    expect(scratch.output()).toBe('undefined\t1\n');
  });

  test('a run continues only with the same variables and in the same folder', async ({ scratch }) => {
    scratch.write('job.mjs', job("console.error('map waits'); for (;;);", "env: ['LIMIT'],"));
    scratch.write('in.txt', 'a\n');
    const driver = scratch.drive(SHAPE, { env });
    await driver.line(/map waits/);
    driver.signal('SIGKILL');
    await driver.finished;

    const other = await scratch.run(SHAPE, { env: { ...env, LIMIT: '3' } });
    expect(other.stderr).toMatch(/expected the variable LIMIT as it was, found another value; set it as it was /);
    expect(other.stderr).not.toMatch(/[23]'/);
    expect(other.exitCode).toBe(2);

    mkdirSync(join(scratch.dir, 'elsewhere'));
    const absolute = ['--dir', scratch.state, '-N', '1', '-M', '1', '--job', '../job.mjs', '../in.txt'];
    const elsewhere = await scratch.run(absolute, { env, cwd: join(scratch.dir, 'elsewhere') });
    expect(elsewhere.stderr).toMatch(
      /expected the folder \S+, found \S+elsewhere|another one, or a change, at in\.txt/,
    );
    expect(elsewhere.exitCode).toBe(2);
  });
});

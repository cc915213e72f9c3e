// Tests the commands other than `run`: reset, workers, show, jobs, sequential, --verify, --help, --version, and npm's scripts.

import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect } from 'vitest';

import { HOLDING } from '../fixtures/paths.ts';
import { MAPREDUCE, ROOT, type Scratch, succeeded, test } from '../fixtures/scratch.ts';
import { book, countWords } from '../fixtures/texts.ts';
import { until } from '../fixtures/until.ts';

const TEXT = 'one two\ntwo three\nthree three\n';

describe('reset', () => {
  test('reset removes only the state of runs, and running workers are not affected', async ({ scratch }) => {
    scratch.write('text.txt', TEXT);
    const workers = await scratch.workers(2);
    await scratch.done(['-N', '3', '-M', '2', 'text.txt']);
    const names =
      'notes.txt chunks/chunk_x.msgpack chunks/input.txt intermediate/mr-0.bak out/mine.txt out/out-1.txt out/deep/out-0 ' +
      'attempts/keep.txt history/run.txt chunk_0.msgpack out-0';
    const foreign = names.split(' ').map((name) => scratch.write(`files/${name}`, 'not theirs\n'));
    mkdirSync(join(scratch.state, 'out/out-7'));
    writeFileSync(join(scratch.state, 'out/out-7/inside.txt'), 'a directory is not an output\n');

    const { stdout } = succeeded(await scratch.start(['reset']).finished);

    expect(stdout).toBe('files is clear of runs\n');
    // The file in which the workers command describes itself is needed for as long as it runs.
    expect(scratch.files().filter((file) => file !== 'files/workers.json')).toEqual(
      [...foreign, 'files/out/out-7/inside.txt', 'text.txt'].sort(),
    );
    for (const file of foreign) expect(readFileSync(join(scratch.dir, file), 'utf8')).toBe('not theirs\n');

    // The same workers serve the next run, although the token has changed.
    const { stderr } = await scratch.done(['-N', '3', '-M', '2', 'text.txt', 'files/chunks/input.txt']);
    expect(stderr).toContain('2 workers, 2 of them listening already');
    expect(stderr).not.toContain('lost');
    expect(readFileSync(join(scratch.state, 'out/mine.txt'), 'utf8')).toBe('not theirs\n');
    expect(workers.ended).toBe(false);
  });

  test('reset does not change a directory without runs, and --dir selects another directory', async ({ scratch }) => {
    scratch.write('text.txt', TEXT);
    succeeded(await scratch.start(['reset']).finished);
    expect(existsSync(scratch.state)).toBe(false);

    await scratch.done(['--dir', 'else where', '-N', '1', '-M', '1', '-W', '1', 'text.txt']);
    expect(scratch.output(join(scratch.dir, 'else where'))).toBe(countWords([TEXT]));
    succeeded(await scratch.start(['reset', '--dir', 'else where']).finished);
    succeeded(await scratch.start(['reset', '--dir', 'else where']).finished);
    expect(scratch.files()).toEqual(['text.txt']);
  });
});

describe('workers', () => {
  test('workers starts max(N, M) workers, reports when all are ready, and ends cleanly on Ctrl-C', async ({
    scratch,
  }) => {
    for (const leadsGroup of [false, true]) {
      const args = ['workers', '-N', '2', '-M', '3', '--worker-port', String(scratch.port)];
      const workers = scratch.start(args, { leadsGroup });
      await workers.line(
        new RegExp(`^3 workers ready on 127\\.0\\.0\\.1, ports ${scratch.port} to ${scratch.port + 2}; Ctrl-C`),
      );
      expect(scratch.processes()).toHaveLength(4);
      for (const port of [0, 1, 2]) {
        // The worker listens, and requires authentication.
        expect((await fetch(`http://127.0.0.1:${scratch.port + port}/health`)).status).toBe(401);
      }

      if (leadsGroup) workers.signalGroup('SIGINT');
      else workers.signal('SIGINT');
      const { exitCode, signal, said } = await workers.finished;

      expect(scratch.processes()).toEqual([]);
      expect({ exitCode, signal }).toEqual({ exitCode: 0, signal: null });
      expect(said.at(-1)).toBe('workers ended');
      expect(said).toHaveLength(2);
      expect(scratch.files()).toEqual(['files/token']);
    }
  });

  test('workers ends cleanly on Ctrl-C even while a driver uses them, and the driver continues with its own workers', async ({
    scratch,
  }) => {
    scratch.write('text.txt', TEXT);
    const workers = await scratch.workers(2);
    const held = ['--no-backup', '--job', HOLDING, '--param', 'hold=map-0.1'];
    const driver = scratch.drive(['-N', '2', '-M', '1', ...held, 'text.txt']);
    await workers.line(/map-0\.1 waits/);

    workers.signal('SIGINT');
    expect((await workers.finished).exitCode).toBe(0);

    const { exitCode, stderr } = await driver.finished;
    expect(exitCode, stderr).toBe(0);
    expect(stderr).toMatch(/^worker \d replaced: /m);
    expect(scratch.output()).toBe(countWords([TEXT]));
  });
});

describe('--verify', () => {
  test('--verify reports that the output equals that of a sequential run', async ({ scratch }) => {
    scratch.write('text.txt', book('moby-dick.txt', 500));
    const { stdout } = await scratch.done(['-N', '4', '-M', '3', '-W', '2', '--verify', 'text.txt']);
    const lines = scratch.output().split('\n').length - 1;
    expect(stdout).toContain(`\nverified: the same ${lines.toLocaleString('en-US')} lines as a sequential run\n`);
  });

  test('--verify ends with exit code 1 and names the first key that differs', async ({ scratch }) => {
    // An average is not a valid combiner: the average of averages depends on how the input was cut.
    const average =
      '(_: string, values: Iterable<number>) => { const all = [...values]; return all.reduce((a, b) => a + b, 0) / all.length; }';
    scratch.write('text.txt', 'same 4\nwrong 1\nwrong 3\nzebra 1\nwrong 8\nzebra 1\n');
    scratch.write(
      'average.ts',
      `import { defineJob } from 'http-mapreduce';
      const average = ${average};
      export default defineJob({
        name: 'average',
        map(line: string, { emit }) { const [key = '', value] = line.split(' '); emit(key, Number(value)); },
        combine: average,
        reduce: average,
      });`,
    );
    const { exitCode, stderr } = await scratch.run([
      '-N',
      '2',
      '-M',
      '1',
      '-W',
      '1',
      '--verify',
      '--job',
      'average.ts',
      'text.txt',
    ]);

    expect(exitCode).toBe(1);
    expect(stderr.trimEnd().split('\n').at(-1)).toBe(
      'mapreduce: the output differs from the sequential run; first at key "wrong": expected "wrong\\t4", found "wrong\\t5"',
    );
  });
});

describe('show', () => {
  test('show prints chunks and map outputs as text', async ({ scratch }) => {
    scratch.write('text.txt', TEXT);
    await scratch.done(['-N', '2', '-M', '2', '-W', '1', 'text.txt']);
    const show = async (file: string): Promise<string> =>
      succeeded(await scratch.start(['show', file]).finished).stdout;

    expect(await show('files/chunks/chunk_0.msgpack')).toBe(
      'chunk 0: 1 slices, 18 bytes\n--- text.txt, bytes 0 to 18\none two\ntwo three\n',
    );
    const run = await show('files/intermediate/mr-0');
    expect(run).toMatch(/^sorted file: 2 partitions, 3 pairs\n--- partition 0: \d pairs?, \d+ bytes\n/);
    expect(run).toMatch(/\n--- partition 1: /);
    const pairs = run.split('\n').filter((line) => line.includes('\t'));
    expect(pairs.sort()).toEqual(['one\t1', 'three\t1', 'two\t2']);

    await scratch.done(['-N', '2', '-M', '1', '-W', '1', '--chunks', 'reference', 'text.txt']);
    expect(await show('files/chunks/chunk_1.msgpack')).toContain(
      'text.txt, bytes 18 to 30 (by reference)\nthree three\n',
    );
  });

  test('show prints the top of a directory of outputs as a table or as bars', async ({ scratch }) => {
    scratch.write('text.txt', `${TEXT}${'wide '.repeat(20)}\n${'x'.repeat(300)}\n`);
    await scratch.done(['-M', '2', '-W', '1', 'text.txt']);
    const show = async (...args: string[]): Promise<string> =>
      succeeded(await scratch.start(['show', 'files/out', ...args]).finished).stdout;
    expect(await show('--top', '3', '--by', 'value')).toBe(
      'the top 3 of 5 lines in 2 output files, by value\n  value  key\n     20  wide\n      3  three\n      2  two\n',
    );
    expect(await show('--by', 'key', '--top', '2')).toBe(
      'the first 2 of 5 lines in 2 output files, by key\n  value  key\n      1  one\n      3  three\n',
    );
    const all = (await show()).split('\n');
    expect(all[0]).toBe('the top 5 of 5 lines in 2 output files, by value');
    expect(all[6]).toBe(`      1  ${'x'.repeat(90)}…`);
    expect(await show('--plot', '--top', '3')).toBe(
      'the top 3 of 5 lines in 2 output files, by value\n' +
        `  wide   ${'█'.repeat(60)} 20\n  three  █████████ 3\n  two    ██████ 2\n`,
    );
  });

  test('show names the first value that is not a number if numbers are required', async ({ scratch }) => {
    scratch.write('out/out-0', 'a\t1\nb\tmany\n');
    for (const args of [['--by', 'value'], ['--plot']]) {
      const { exitCode, stdout, stderr } = await scratch.start(['show', 'out', ...args]).finished;
      expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
      expect(stderr).toMatch(/^mapreduce: [^\n]*expected numbers[^\n]*found "many" for the key "b"\n$/);
    }
    const { stdout } = succeeded(await scratch.start(['show', 'out']).finished);
    expect(stdout).toBe('the first 2 of 2 lines in 1 output file\n  value  key\n  1      a\n  many   b\n');
  });

  test('show ends successfully if its reader closes the pipe early', async ({ scratch }) => {
    scratch.write('long.txt', 'a line of a long text\n'.repeat(200_000));
    await scratch.done(['-N', '1', '-M', '1', '-W', '1', 'long.txt']);

    const script = `"${process.execPath}" "${MAPREDUCE}" show files/chunks/chunk_0.msgpack 2>said | head -c 10; exit \${PIPESTATUS[0]}`;
    const { exitCode, stdout } = await scratch.startProgram('bash', ['-c', script]).finished;

    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: 'chunk 0: 1' });
    expect(readFileSync(join(scratch.dir, 'said'), 'utf8')).toBe('');
  });

  test('show names a damaged file', async ({ scratch }) => {
    scratch.write('text.txt', TEXT);
    await scratch.done(['-N', '1', '-M', '1', '-W', '1', 'text.txt']);
    const run = readFileSync(join(scratch.state, 'intermediate/mr-0'));
    scratch.write('cut', run.subarray(0, run.length - 5));
    const flipped = Buffer.from(run);
    flipped[40]! ^= 1;
    scratch.write('flipped', flipped);
    for (const file of ['cut', 'flipped']) {
      const { exitCode, stderr } = await scratch.start(['show', file]).finished;
      expect(exitCode, stderr).toBe(5);
      expect(stderr).toMatch(new RegExp(`^mapreduce: .*${file}.*\n$`));
    }
  });
});

describe('mapreduce', () => {
  test('mapreduce prints help for itself and for each command, a version, and a list of jobs', async ({ scratch }) => {
    const said = async (...args: string[]): Promise<string> => {
      const { stdout, stderr } = succeeded(await scratch.start(args).finished);
      expect(stderr).toBe('');
      return stdout;
    };
    const help = await said('--help');
    for (const command of ['run', 'workers', 'reset', 'sequential', 'show', 'jobs']) {
      expect(help).toMatch(new RegExp(`^ {2}${command}\\b`, 'm'));
    }
    expect(await said('run', '--help')).toMatch(/--maps[^]*--reduces[^]*--workers[^]*--job[^]*--param[^]*--verify/);
    const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };
    expect(await said('--version')).toBe(`${version}\n`);
    const jobs = await said('jobs');
    const names = readdirSync(join(ROOT, 'src/jobs')).map((file) => file.replace('.ts', ''));
    for (const name of names) expect(jobs).toMatch(new RegExp(`^${name} +\\S.+$`, 'm'));
    expect(scratch.files()).toEqual([]);
  });

  test('the npm scripts call mapreduce, with quoted and with unquoted patterns', async ({ scratch }) => {
    const pattern = 'inputs/state-of-the-union-1[78]*.txt';
    const state = ['--dir', scratch.state];
    const npm = (script: string, ...args: string[]): ReturnType<Scratch['startProgram']> =>
      scratch.startProgram('sh', ['-c', `exec npm run --silent ${script} -- ${args.join(' ')}`], {
        cwd: ROOT,
        leadsGroup: true,
      });
    const ports = ['--worker-port', String(scratch.port)];

    const workers = npm('workers', '-N', '2', '-M', '2', ...ports, ...state);
    await workers.line(/^2 workers ready/);
    succeeded(await npm('driver', '-N', '4', '-M', '3', ...ports, ...state, pattern).finished);
    const unquoted = scratch.outputs();
    const { stderr } = succeeded(
      await npm('driver', '-N', '4', '-M', '3', ...ports, ...state, `'${pattern}'`).finished,
    );
    expect(stderr).toContain('2 workers, 2 of them listening already');

    expect(scratch.outputs()).toEqual(unquoted);
    const texts = readdirSync(join(ROOT, 'inputs')).filter((name) => /^state-of-the-union-1[78].*\.txt$/.test(name));
    expect(texts.length).toBeGreaterThan(1);
    expect(scratch.output()).toBe(countWords(texts.map((name) => readFileSync(join(ROOT, 'inputs', name), 'utf8'))));

    workers.signalGroup('SIGINT');
    await workers.finished;
    await until('the workers have ended', () => scratch.processes().length === 0);
    succeeded(await npm('reset', ...state).finished);
    expect(scratch.files()).toEqual([]);
  });
});

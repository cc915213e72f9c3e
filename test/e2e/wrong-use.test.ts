// Tests that wrong use ends at once with exit code 2 and one line, and that nothing is done.

import { chmodSync, mkdirSync, symlinkSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { platform } from 'node:os';
import { join } from 'node:path';

import { describe, expect } from 'vitest';

import { HOLDING } from '../fixtures/paths.ts';
import type { CommandOptions } from '../fixtures/running-command.ts';
import { MAPREDUCE, type Scratch, test } from '../fixtures/scratch.ts';

/** Runs cases two at a time: most of their time is spent on starting Node. */
async function expectWrong(scratch: Scratch, cases: readonly (readonly [string[], RegExp])[]): Promise<void> {
  const before = scratch.files();
  const rest = cases.entries();
  const work = async (): Promise<void> => {
    for (const [, [args, expected]] of rest) await expectOneWrong(scratch, args, expected);
  };
  await Promise.all([work(), work()]);
  expect(scratch.files(), 'nothing is created').toEqual(before);
}

async function expectOneWrong(
  scratch: Scratch,
  args: string[],
  expected: RegExp,
  options: Partial<CommandOptions> = {},
): Promise<void> {
  const { exitCode, stdout, stderr } = await scratch.start(args, options).finished;
  const command = `mapreduce ${args.join(' ')}\n${stderr}`;
  expect.soft(exitCode, command).toBe(2);
  expect.soft(stderr, command).toMatch(/^mapreduce: [^\n]+\n$/);
  expect.soft(stderr, command).toMatch(expected);
  expect.soft(stdout, command).toBe('');
}

const isRoot = process.getuid?.() === 0;

describe('wrong use', () => {
  test('wrong numbers, ports, flags and parameters are refused in one line', async ({ scratch }) => {
    scratch.write('text.txt', 'one\n');
    await expectWrong(scratch, [
      [['run', '-N', '0', 'text.txt'], /-N, --maps.*positive integer.*"0"/],
      [['run', '-N', 'x', 'text.txt'], /-N, --maps.*positive integer.*"x"/],
      [['run', '-N', '1.5', 'text.txt'], /positive integer.*"1\.5"/],
      [['run', '-N', '-3', 'text.txt'], /-N.*-3|-3.*-N/],
      [['run', '-M', '0', 'text.txt'], /-M, --reduces.*positive integer.*"0"/],
      [['run', '-M', '', 'text.txt'], /-M, --reduces.*positive integer.*""/],
      [['workers', '-N', '0'], /-N, --maps.*positive integer.*"0"/],
      [['workers', '--worker-port', '70000'], /--worker-port.*1 to 65535.*"70000"/],
      [['run', '--worker-port', '0', 'text.txt'], /--worker-port.*1 to 65535.*"0"/],
      [['run', '--worker-port', 'http', 'text.txt'], /--worker-port.*1 to 65535.*"http"/],
      [['run', '--mapz', '3', 'text.txt'], /unknown option '--mapz'.*--maps/],
      [['reset', '--force'], /unknown option '--force'/],
      [['rum', 'text.txt'], /unknown command 'rum'.*run/],
      [['run', '--max-attempts', '0', 'text.txt'], /--max-attempts.*positive integer.*"0"/],
      [['run', '--max-respawns', 'x', 'text.txt'], /--max-respawns.*"x"/],
      [['run', '--task-silence', '0', 'text.txt'], /--task-silence.*seconds.*"0"/],
      [['run', '--log-level', 'loud', 'text.txt'], /--log-level.*'loud'.*debug, info, warn/],
      [['run', '--quiet', '--log-level', 'info', 'text.txt'], /--log-level: expected --log-file beside --quiet/],
      [['run', '--log-file', 'nowhere/run.log', 'text.txt'], /--log-file nowhere\/run\.log: expected.*ENOENT/],
      [['run', '--log-file', '.', 'text.txt'], /--log-file \.: expected.*EISDIR/],
      [['run', '--chunks', 'both', 'text.txt'], /--chunks.*'both'.*copy.*reference/],
      [['run', '--param', 'words', 'text.txt'], /--param.*name=value.*"words"/],
      [['run', '--param', 'word=letters', 'text.txt'], /--param word:.*words, case.*found word/],
      [['run', '--param', 'case=upper', 'text.txt'], /--param case of word-count: expected lower or keep, found upper/],
      [['run', '--job', 'map-timing', '--param', 'ms=soon', 'text.txt'], /expected a number, found soon/],
      [['run', '--job', 'grep', 'text.txt'], /--param pattern.*expected --param pattern=REGEX, found none/],
      [
        ['run', '--job', 'grep', '--param', 'pattern=(', 'text.txt'],
        /--param pattern=\(.*[Ii]nvalid regular expression/,
      ],
    ]);
  });

  test('impossible state directories are refused in one line', async ({ scratch }) => {
    scratch.write('text.txt', 'one\n');
    symlinkSync('loop', join(scratch.dir, 'loop'));
    symlinkSync('gone', join(scratch.dir, 'dangling'));
    const long = 'folder/'.repeat(80);
    const inProc: [string[], RegExp][] = [[['run', 'text.txt', '--dir', '/proc/none'], /\/proc\/none: expected/]];
    const commands = [['run', 'text.txt'], ['history'], ['report'], ['reset'], ['workers'], ['worker']];
    await expectWrong(scratch, [
      ...commands.flatMap((command): [string[], RegExp][] => [
        [[...command, '--dir', ''], /--dir "": expected a path, found none/],
        [[...command, '--dir', long], /--dir .*at most \d+ bytes, found \d+/],
      ]),
      [['run', 'text.txt', '--dir', 'text.txt'], /--dir "text\.txt": expected a directory, found something else/],
      [
        ['run', 'text.txt', '--dir', 'text.txt/a/b'],
        /--dir .*expected a directory, found .*text\.txt, which is not one/,
      ],
      [['run', 'text.txt', '--dir', 'dangling'], /--dir "dangling": expected a directory, found a link/],
      [['run', 'text.txt', '--dir', 'dangling/a'], /--dir .*expected a directory, found a link/],
      [['history', '--dir', 'loop'], /--dir "loop": expected .*ELOOP/],
      [['reset', '--dir', 'x'.repeat(300)], /--dir x+…: expected .*ENAMETOOLONG/],
      [['workers', '--dir', '/dev/null'], /--dir "\/dev\/null": expected a directory, found something else/],
      // The system lets no user make a folder there, not even root.
      ...(platform() === 'linux' ? inProc : []),
    ]);
    expect(scratch.processes()).toEqual([]);
  });

  test('names of parameters that are unsafe in an object are refused in one line', async ({ scratch }) => {
    scratch.write('text.txt', 'one\n');
    const job = (name: string): string =>
      scratch.write(
        `${name}.ts`,
        `export default { name: 'odd', params: { ['${name}']: 'x' }, map() {}, reduce() {} };\n`,
      );
    scratch.write('any.ts', `export default { name: 'any', map() {}, reduce() {} };\n`);
    await expectWrong(
      scratch,
      ['__proto__', 'constructor', 'prototype'].flatMap((name): [string[], RegExp][] => [
        [
          ['run', '--param', `${name}=x`, 'text.txt', '--job', 'any.ts'],
          new RegExp(`--param ${name}: expected another`),
        ],
        [['run', 'text.txt', '--job', job(name)], new RegExp(`${name}\\.ts:1: expected .*found a parameter ${name}`)],
      ]),
    );
  });

  const canDropRights = isRoot && spawnSync('setpriv', ['--version']).status === 0;

  test.runIf(!isRoot || canDropRights)(
    'ports that this user may not listen on are refused in one line',
    async ({ scratch }) => {
      scratch.write('text.txt', 'one\n');
      const lesser = isRoot ? ['setpriv', '--bounding-set=-net_bind_service'] : [];
      for (const args of [
        ['run', '--port', '80', 'text.txt'],
        ['run', '--worker-port', '80', 'text.txt'],
        ['workers', '--worker-port', '80'],
        ['worker', '--worker-port', '80'],
      ]) {
        const [file, ...rest] = [...lesser, process.execPath, MAPREDUCE, ...args];
        const { exitCode, stdout, stderr } = await scratch.startProgram(file!, rest).finished;
        expect.soft(exitCode, stderr).toBe(2);
        expect
          .soft(stderr)
          .toMatch(/^mapreduce: --(worker-)?port 80: expected a port .*, found EACCES; [^\n]*1024[^\n]*\n$/);
        expect.soft(stdout).toBe('');
      }
      expect(scratch.files().filter((name) => name !== 'files/token')).toEqual(['text.txt']);
    },
  );

  test('a range with too few free ports is refused in one line', async ({ scratch }) => {
    scratch.write('text.txt', 'one\n');
    const tooFew = /^mapreduce: [^\n]*65530[^\n]*expected[^\n]*65535/;
    await expectWrong(scratch, [
      [['run', '-W', '30', '--worker-port', '65530', 'text.txt'], tooFew],
      [['workers', '-N', '30', '--worker-port', '65530'], tooFew],
    ]);
    expect(scratch.processes()).toEqual([]);
  });

  test('wrong inputs are refused in one line', async ({ scratch }) => {
    scratch.write('text.txt', 'one\n');
    scratch.write('folder/text.txt', 'one\n');
    symlinkSync('loop.txt', join(scratch.dir, 'loop.txt'));
    symlinkSync('gone.txt', join(scratch.dir, 'dangling.txt'));
    mkdirSync(join(scratch.dir, 'empty'));
    await expectWrong(scratch, [
      [['run'], /missing required argument 'inputs'/],
      [['sequential'], /missing required argument 'inputs'/],
      [['run', 'missing.txt'], /missing\.txt: expected at least one file, found no match/],
      [['run', 'text.txt', 'missing-*.txt'], /missing-\*\.txt: expected at least one file, found no match/],
      [['run', 'empty/*'], /empty\/\*: expected at least one file, found no match/],
      [['run', ''], /expected/],
      [['run', 'folder'], /input folder: expected a file, found a directory/],
      [['run', 'fol*'], /input folder: expected a file, found a directory/],
      [['run', '/dev/null'], /\/dev\/null: expected a file, found a device/],
      [['run', 'dangling.txt'], /dangling\.txt: expected.*(no match|ENOENT)/],
      [['run', 'loop.txt'], /loop\.txt: expected.*ELOOP/],
      [['run', 'text.txt/text.txt'], /text\.txt\/text\.txt: expected/],
      [['run', 'x'.repeat(300)], /x: expected/],
      [['sequential', 'missing.txt'], /missing\.txt: expected at least one file, found no match/],
      [['show', 'missing.txt'], /missing\.txt: expected a chunk or a sorted file, found ENOENT/],
      [['show', 'text.txt'], /text\.txt: expected a chunk or a sorted file, found/],
      [['show', 'folder'], /folder: expected a chunk or a sorted file, found EISDIR.*outputs \(out-0/],
      [['show', 'text.txt', '--top', '3'], /text\.txt: expected a directory of outputs for --top/],
      [['show', 'text.txt', '--by', 'key'], /text\.txt: expected a directory of outputs for --by/],
      [['show', 'text.txt', '--plot'], /text\.txt: expected a directory of outputs for --plot/],
      [['show', 'folder', '--top', '3'], /folder: expected.*EISDIR/],
      [['show', 'folder', '--top', '0'], /--top.*positive integer.*"0"/],
      [['show', 'folder', '--top', '10001'], /--top.*at most 10000.*"10001"/],
      [['show', 'folder', '--by', 'size'], /--by.*'size'.*value, key/],
    ]);
  });

  // Root may read everything, so the command has to run as another user, who must be able to read the project.
  const NOBODY = 65_534;
  const nobodyCanRun =
    !isRoot ||
    spawnSync(process.execPath, [MAPREDUCE, '--version'], { uid: NOBODY, gid: NOBODY, cwd: '/' }).status === 0;

  test.runIf(nobodyCanRun)('an input that cannot be read is refused in one line', async ({ scratch }) => {
    scratch.write('secret.txt', 'one\n');
    chmodSync(join(scratch.dir, 'secret.txt'), 0);
    scratch.write('locked/text.txt', 'one\n');
    chmodSync(join(scratch.dir, 'locked'), 0);
    chmodSync(scratch.dir, 0o755);
    const reader = isRoot ? { uid: NOBODY } : {};
    try {
      const secret = /input secret\.txt: expected a file that can be read, found no permission/;
      await expectOneWrong(scratch, ['run', 'secret.txt'], secret, reader);
      await expectOneWrong(scratch, ['run', 'locked/text.txt'], /locked\/text\.txt: expected/, reader);
      const locked = /expected folders that can be read, found no permission to read locked/;
      for (const pattern of ['**/*.txt', 'lock*/*', '**'])
        await expectOneWrong(scratch, ['run', pattern], locked, reader);
    } finally {
      chmodSync(join(scratch.dir, 'locked'), 0o755);
    }
    expect(scratch.files()).toEqual(['locked/text.txt', 'secret.txt']);
  });

  test('wrong jobs are refused in one line', async ({ scratch }) => {
    scratch.write('text.txt', 'one\n');
    const job = (name: string, text: string): string[] => [
      'run',
      '--job',
      `./${scratch.write(name, text)}`,
      'text.txt',
    ];
    await expectWrong(scratch, [
      [['run', '--job', 'wordcount', 'text.txt'], /--job wordcount: expected.*nearest: word-count/],
      [['sequential', '--job', 'indexed', 'text.txt'], /--job indexed: expected.*nearest: .*index/],
      [
        ['run', '--job', './missing.ts', 'text.txt'],
        /--job \.\/missing\.ts: expected the path of a job file, found no file/,
      ],
      [['run', '--job', scratch.dir, 'text.txt'], /--job .*: expected the path of a job file/],
      [
        job('syntax.ts', 'export default {\n  name: "x",\n  map(( {\n};\n'),
        /syntax\.ts:3: expected a job file that loads, found/,
      ],
      [
        job('syntax.js', 'export default {\n  name: "x",\n  map(( {\n};\n'),
        /syntax\.js:3: expected a job file that loads, found/,
      ],
      [
        job('enum.ts', 'export const a = 1;\nenum Colour { Red }\n'),
        /enum\.ts:2: expected a job file that loads, found.*enum.*stripped/,
      ],
      [
        job('throws.ts', '// first\nthrow new Error("not today");\n'),
        /throws\.ts:2: expected a job file that loads, found Error: not today/,
      ],
      [
        job('waits.ts', 'await new Promise(() => {});\n'),
        /waits\.ts:\d+: expected a job file that loads, found.* await .* that nothing ends/,
      ],
      [
        job('imports.ts', "\nimport './nowhere.ts';\n"),
        /imports\.ts:\d+: expected a job file that loads, found.*nowhere\.ts/,
      ],
      [
        job('named.ts', 'export const job = {};\n'),
        /named\.ts:1: expected `export default defineJob.*found no default export/,
      ],
      [job('empty.ts', ''), /empty\.ts:1: expected `export default defineJob.*found no default export/],
      [
        job('function.ts', 'export default () => {};\n'),
        /function\.ts:1: expected.*found a default export that is a function/,
      ],
      [
        job('mapless.ts', 'export default { name: "x", reduce() {} };\n'),
        /mapless\.ts:1: expected.*found a job without a map function/,
      ],
      [
        job('field.ts', 'export default { name: "x", map() {}, reduce() {}, combiner() {} };\n'),
        /field\.ts:1: expected.*found an unknown field combiner \(nearest: combine\)/,
      ],
    ]);
  });

  test('an input that a new run would remove is refused in one line, but not one of the user beside it', async ({
    scratch,
  }) => {
    scratch.write('text.txt', 'one two\n');
    await scratch.done(['-N', '2', '-M', '1', '-W', '1', 'text.txt']);
    symlinkSync('files/out/out-0', join(scratch.dir, 'link.txt'));
    const result = scratch.outputs();

    await expectWrong(scratch, [
      [
        ['run', 'files/out/out-0'],
        /input files\/out\/out-0: expected a file outside of .*files, found a file of the last run/,
      ],
      [['run', 'text.txt', 'link.txt'], /input link\.txt: expected a file outside of .*files/],
      [
        ['run', '--dir', 'files/../files', 'files/chunks/*'],
        /input files\/chunks\/chunk_0\.msgpack: expected a file outside/,
      ],
    ]);
    expect(scratch.outputs()).toEqual(result);

    scratch.write('files/out/mine.txt', 'one two two\n');
    scratch.write('files/mine.txt', 'three\n');
    await scratch.done(['-N', '2', '-M', '1', '-W', '1', 'files/out/mine.txt', 'files/mine.txt']);
    expect(scratch.outputs()).toEqual(['one\t1\nthree\t1\ntwo\t2\n']);
  });

  test('a second driver and a reset are refused in one line while a driver runs in the directory', async ({
    scratch,
  }) => {
    scratch.write('text.txt', 'one two\nthree\n');
    const gate = ['--param', `gate=${join(scratch.dir, 'gate')}`];
    const driver = scratch.drive([
      '-N',
      '2',
      '-M',
      '1',
      '-W',
      '1',
      '--no-backup',
      '--job',
      HOLDING,
      '--param',
      'hold=map-1.1',
      ...gate,
      'text.txt',
    ]);
    await driver.line(/map-1\.1 waits/);

    const inUse = new RegExp(
      `files is in use by a run of holding, process ${driver.pid} on .*; wait for its end, or .*--dir`,
    );
    await expectWrong(scratch, [
      [['run', '--worker-port', String(scratch.port + 4), 'text.txt'], inUse],
      [['reset'], inUse],
    ]);
    scratch.write('gate/map-1.1', '');

    expect((await driver.finished).exitCode).toBe(0);
    expect(scratch.outputs()).toEqual(['one\t1\nthree\t1\ntwo\t1\n']);
    await scratch.done(['-N', '1', '-M', '1', '-W', '1', 'text.txt']);
    expect(scratch.outputs()).toEqual(['one\t1\nthree\t1\ntwo\t1\n']);
  });

  test('a command line without a command is refused with the usage', async ({ scratch }) => {
    const { exitCode, stderr } = await scratch.start([]).finished;
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/^Usage: mapreduce .*command/);
  });
});

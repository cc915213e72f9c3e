// Tests the user's code outside of workers: while its file is loaded, in its params, in its format, in a sequential run. Whatever the
// code does there, the driver reports it in one line, and stdout belongs to the driver alone.

import { describe, expect } from 'vitest';

import { test } from '../fixtures/scratch.ts';

/** A job that counts lines. `top` is code at its top level, `fields` are additional fields. */
const job = (top: string, fields = ''): string => `${top}
export default {
  name: 'lines',
  map(line, { emit }) { emit(line, 1); },
  reduce(line, ones) { let sum = 0; for (const one of ones) sum += one; return sum; },
  ${fields}
};
`;

const RUN = ['-N', '2', '-M', '2', '-W', '1', '--max-attempts', '1', '--job', 'job.mjs'];

describe('output of a job outside of its tasks', () => {
  const PRINTING = job(
    `import { writeSync } from 'node:fs';
console.log('printed at the top level');
writeSync(1, 'written to stdout itself\\n');`,
    "params: { text: (text) => { console.log('printed in params'); return text; } }, partition: 'range',",
  );

  test('output of a job outside of its tasks goes to stderr in a run, and not to stdout', async ({ scratch }) => {
    scratch.write('job.mjs', PRINTING);
    scratch.write('in.txt', 'b\na\n');
    const { stdout, stderr } = await scratch.done([...RUN, '--json', '--verify', 'in.txt']);
    expect(JSON.parse(stdout)).toMatchObject({ outcome: 'done', job: 'lines' });
    for (const printed of ['printed at the top level', 'written to stdout itself', 'printed in params'])
      expect(stderr).toContain(`[job] ${printed}\n`);
  });

  test('output of a job is not mixed into the result of a sequential run', async ({ scratch }) => {
    scratch.write('job.mjs', PRINTING.replace('emit(line, 1)', "emit(line, 1); console.log('printed in map')"));
    scratch.write('in.txt', 'b\na\nb\n');
    const { stdout, stderr, exitCode } = await scratch.start(['sequential', '--job', 'job.mjs', 'in.txt']).finished;
    expect([exitCode, stdout], stderr).toEqual([0, 'a\t1\nb\t2\n']);
    expect(stderr.match(/^\[job\] printed in map$/gm)).toHaveLength(3);
  });

  test('output of a job is passed on even if the job does not load', async ({ scratch }) => {
    scratch.write('job.mjs', "console.log('last words');\nthrow new Error('no further');\n");
    scratch.write('in.txt', 'a\n');
    const { exitCode, stdout, stderr } = await scratch.run([...RUN, 'in.txt']);
    expect([exitCode, stdout]).toEqual([2, '']);
    expect(stderr).toContain('[job] last words\n');
    expect(stderr).toMatch(/job\.mjs:2: expected a job file that loads, found Error: no further$/m);
  });
});

describe('a job file', () => {
  test.for([
    [
      'ends its process while it loads',
      job('\nprocess.exit(0);'),
      2,
      /job\.mjs:2: .* found that it calls process\.exit\(0\)$/m,
    ],
    [
      'ends its process in a parameter',
      job('', 'params: {\n  a: () => process.exit(0) },'),
      2,
      /job\.mjs:7: .* found that it calls process\.exit\(0\)$/m,
    ],
    [
      'waits at its top level for something that never happens',
      job('await new Promise(() => {});'),
      2,
      /job\.mjs:1: .* an await at its top level that nothing ends$/m,
    ],
    [
      'leaves a rejection unhandled',
      job("void Promise.reject(new Error('nobody cares'));"),
      3,
      /job\.mjs: the job's code threw outside of map and reduce: nobody cares\n/,
    ],
    [
      'throws in a timer',
      job(
        "await new Promise((done) => { setTimeout(() => { throw new Error('too late'); }); setTimeout(done, 1000); });",
      ),
      3,
      /job\.mjs: the job's code threw outside of map and reduce: too late\n/,
    ],
    [
      'kills its process',
      job("process.kill(process.pid, 'SIGKILL');\nfor (;;);"),
      3,
      /job\.mjs: the job's code ended its process with SIGKILL, or something else did, such as a system [^\n]* memory$/m,
    ],
    [
      'changes a built-in of JavaScript',
      job('Object.prototype.extra = 1;\nJSON.stringify = () => 1;'),
      3,
      /job\.mjs: the job changed JSON\.stringify, which the engine works with too: leave /m,
    ],
    [
      'uses up its memory',
      job('const kept = [];\nfor (;;) kept.push(Array.from({ length: 1000 }, String));'),
      3,
      /job\.mjs: out of memory: the job's code used more than its limit of 64 MiB of heap$/m,
    ],
  ] as const)('a job file that %s is refused, with its line if known', async ([, text, code, said], { scratch }) => {
    scratch.write('job.mjs', text);
    scratch.write('in.txt', 'a\n');
    const { exitCode, stdout, stderr } = await scratch.run([...RUN, '--task-memory', '64MiB', 'in.txt']);
    expect(stderr).toMatch(said);
    expect([exitCode, stdout]).toEqual([code, '']);
    expect(scratch.files()).not.toContain('files/run.json');
  });
});

describe('a custom format', () => {
  const FORMAT = (boundary: string): string =>
    job(
      "import { lines } from 'http-mapreduce';",
      `input: { ...lines(), name: 'own', boundary(file, position) { ${boundary} } },`,
    );

  test('a custom format cuts the input at its own boundaries', async ({ scratch }) => {
    scratch.write('job.mjs', FORMAT('return lines().boundary(file, position);'));
    scratch.write('in.txt', 'one\ntwo\nthree\n');
    await scratch.done([...RUN, '--verify', 'in.txt']);
    expect(scratch.output()).toBe('one\t1\nthree\t1\ntwo\t1\n');
  });

  test.for([
    ['throws', "throw new Error('no boundary');", /the boundary of format own, .* in\.txt .* threw: no boundary\n/],
    ['goes back', 'return 0;', /the boundary of format own, .*: expected a byte from there on .*, found 0$/m],
    ['ends its process', 'process.exit(0);', /job\.mjs: the job's code called process\.exit\(0\) at \S+job\.mjs:6$/m],
    ['never returns', 'for (;;);', /job\.mjs: the job's code made no progress for 2 s \(--task-timeout\)$/m],
  ] as const)('a custom format that %s fails the run', async ([, boundary, said], { scratch }) => {
    scratch.write('job.mjs', FORMAT(boundary));
    scratch.write('in.txt', 'one\ntwo\n');
    const { exitCode, stderr } = await scratch.run([...RUN, '--task-timeout', '2', 'in.txt']);
    expect(stderr).toMatch(said);
    expect(exitCode).toBe(3);
  });
});

describe('a sequential run', () => {
  test.for([
    [
      'ends its process',
      'process.exit(0);',
      /at the record at byte 2 of in\.txt: the job's code called process\.exit\(0\) at \S+job\.mjs:4$/m,
    ],
    ['throws later', "void Promise.reject(new Error('late'));", /threw outside of map and reduce: late\n/],
  ] as const)('a sequential run whose map %s ends with exit code 3', async ([, code, said], { scratch }) => {
    scratch.write('job.mjs', job('').replace('emit(line, 1)', `if (line === 'bad') { ${code} } emit(line, 1)`));
    scratch.write('in.txt', 'a\nbad\nc\n');
    const { exitCode, stderr } = await scratch.start(['sequential', '--job', 'job.mjs', 'in.txt']).finished;
    expect(stderr).toMatch(said);
    expect(exitCode).toBe(3);
  });
});

test('a driver that is killed while its job loads leaves no process behind', async ({ scratch }) => {
  scratch.write('job.mjs', job("console.log('loading for ever');\nfor (;;);"));
  scratch.write('in.txt', 'a\n');
  const driver = scratch.drive([...RUN, 'in.txt']);
  await driver.line(/loading for ever/);
  driver.signal('SIGKILL');
  // The end of the test waits until no process is left.
  expect((await driver.finished).signal).toBe('SIGKILL');
});

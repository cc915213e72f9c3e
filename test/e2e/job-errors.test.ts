// Tests that a job that throws stops the run after its attempts, with the user's own stack and the place in the input. Also tests that
// every style of a job that the API allows gives the same output.

import { describe, expect } from 'vitest';

import { test } from '../fixtures/scratch.ts';
import { countWords } from '../fixtures/texts.ts';

const SHAPE = ['-N', '1', '-M', '1', '-W', '1'];

/** Returns the last message of a command. */
function lastMessage(stderr: string): string {
  return stderr.slice(stderr.lastIndexOf('\nmapreduce: ') + 1);
}

/** A job with types to strip, so that a line number shows whether it refers to the `.ts` file. */
function jobThat(parts: { map?: string; combine?: string; reduce?: string }): string {
  return `import { defineJob } from 'http-mapreduce';

interface Refused {
  readonly what: string;
}

function refuse({ what }: Refused): never {
  throw new RangeError('cannot take ' + what);
}

export default defineJob({
  name: 'refusing',
  map(line: string, { emit }) {
    ${parts.map ?? ''}
    emit(line, 1);
  },
  combine: (key: string, values: Iterable<number>): number => {
    ${parts.combine ?? ''}
    return [...values].length;
  },
  reduce(key, values) {
    ${parts.reduce ?? ''}
    return [...values].length;
  },
});
`;
}
const REFUSE_LINE = 8;
const MAP_LINE = 14;
const COMBINE_LINE = 18;
const REDUCE_LINE = 22;

/** A way to fail, the code that fails, and the message of the run. */
const WAYS_TO_FAIL = [
  [
    'a rejected promise',
    "async map(line) { await null; throw new Error('later ' + line); }",
    /at byte 0 of text\.txt: later one/,
  ],
  ['a thrown text', "map(line) { if (line === 'two') throw 'a text'; }", /at byte 4 of text\.txt: a text/],
  ['nothing at all', "map(line) { if (line === 'two') throw undefined; }", /at byte 4 of text\.txt: undefined/],
  [
    'in a timer',
    "map() { setTimeout(() => { throw new Error('tick'); }); return new Promise(() => setInterval(() => {}, 1e6)); }",
    /outside of map and reduce: tick/,
  ],
  ['endless recursion', 'map(line) { this.map(line); }', /Maximum call stack size exceeded/],
  [
    'a key that is not a text',
    'map(line, { emit }) { emit(7, line); }',
    /a key that is the number 7; expected a string/,
  ],
  ['a return value that is not pairs', 'map() { return 7; }', /map returned the number 7; expected/],
  ['process.exit()', 'map() { process.exit(9); }', /called process\.exit\(9\)/],
  ['process.exit() in reduce', 'reduce() { process.exit(0); }', /reduce-0 failed.*called process\.exit\(0\)/],
  [
    'an unhandled rejection',
    "map() { void Promise.reject(new Error('lost')); return new Promise(() => setInterval(() => {}, 1e6)); }",
    /outside of map and reduce: lost/,
  ],
] as const;

describe('a job that throws', () => {
  test('a job that throws in map stops the run after 4 attempts with stack, file and byte offset of the record', async ({
    scratch,
  }) => {
    scratch.write('good.txt', 'good\n');
    scratch.write('more texts/bäd.txt', 'żółw\r\nbad line\nbad again\n');
    scratch.write('jobs/refusing.ts', jobThat({ map: "if (line.startsWith('bad')) refuse({ what: line });" }));
    const args = ['--job', 'jobs/refusing.ts', 'good.txt', 'more texts/bäd.txt'];

    const { exitCode, stdout, stderr } = await scratch.run([...SHAPE, ...args]);

    expect(exitCode).toBe(3);
    expect(stdout).toBe('');
    expect(
      stderr.match(/^map-0\.\d failed at the record at byte 9 of more texts\/bäd\.txt: cannot take bad line/gm),
    ).toHaveLength(4);
    const message = lastMessage(stderr);
    expect(message).toMatch(
      /^mapreduce: map-0 failed on worker 1, attempt 4 of 4 at the record at byte 9 of more texts\/bäd\.txt: /,
    );
    const file = RegExp.escape(`${scratch.dir}/jobs/refusing.ts`);
    expect(message).toMatch(
      new RegExp(`\nRangeError: cannot take bad line\n +at refuse \\(.*${file}:${REFUSE_LINE}:\\d+\\)`),
    );
    expect(message).toMatch(new RegExp(`\n +at .*map.* \\(.*${file}:${MAP_LINE}:\\d+\\)\n$`));
    expect(stderr, 'an error of the job does not cost a worker').not.toContain('lost');
    expect(scratch.outputs()).toEqual([]);

    const oracle = await scratch.start(['sequential', ...args]).finished;
    expect(oracle.exitCode).toBe(3);
    expect(oracle.stderr).toContain('the record at byte 9 of more texts/bäd.txt: cannot take bad line');
    expect(oracle.stderr).toContain(`refusing.ts:${REFUSE_LINE}:`);
  });

  test('a job that throws in combine or reduce ends the run with the name of the key', async ({ scratch }) => {
    scratch.write('text.txt', 'good\nbad\nbad\n');
    for (const [part, task, line] of [
      ['combine', 'map-0', COMBINE_LINE],
      ['reduce', 'reduce-0', REDUCE_LINE],
    ] as const) {
      scratch.write('refusing.ts', jobThat({ [part]: "if (key === 'bad') refuse({ what: key });" }));
      const { exitCode, stderr } = await scratch.run([
        ...SHAPE,
        '--max-attempts',
        '2',
        '--job',
        'refusing.ts',
        'text.txt',
      ]);

      expect(exitCode).toBe(3);
      const message = lastMessage(stderr);
      expect(message).toContain(
        `mapreduce: ${task} failed on worker 1, attempt 2 of 2 at ${part} of key "bad": cannot take bad\n`,
      );
      expect(message).toMatch(new RegExp(`\n +at refuse \\(.*refusing\\.ts:${REFUSE_LINE}:\\d+\\)`));
      expect(message).toMatch(new RegExp(`refusing\\.ts:${line}:\\d+`));
    }
  });

  test.for(['map', 'reduce'])(
    'a job that throws in any way in %s fails the run, and never the worker',
    async (phase, { scratch }) => {
      scratch.write('text.txt', 'one\ntwo\n');
      // A single worker survives all of them.
      const workers = await scratch.workers(1);
      for (const [what, code, expected] of WAYS_TO_FAIL.filter(([, code]) => code.includes(`${phase}(`))) {
        const rest = phase === 'reduce' ? 'map(line, { emit }) { emit(line, 1); }' : 'reduce() {}';
        scratch.write('job.js', `export default { name: 'odd', ${code}, ${rest} };`);
        const { exitCode, stderr } = await scratch.run([
          ...SHAPE,
          '--max-attempts',
          '2',
          '--job',
          'job.js',
          'text.txt',
        ]);

        expect.soft(exitCode, `${what}\n${stderr}`).toBe(3);
        expect.soft(lastMessage(stderr), what).toMatch(expected);
        expect.soft(stderr, what).toContain('failure 1 of 2, tried again');
        expect.soft(stderr, what).not.toMatch(/worker 1 lost/);
      }
      expect(workers.said.filter((line) => line.includes('lost'))).toEqual([]);
    },
  );
});

/** Word count in several styles. */
const STYLES: Readonly<Record<string, string>> = {
  'a generator, and a returned value': `
    *map(line) { for (const word of line.split(' ')) yield [word, 1]; },
    reduce(word, ones) { return count(ones); },`,
  'emit in both': `
    map(line, { emit }) { for (const word of line.split(' ')) emit(word, 1); },
    reduce(word, ones, { emit }) { emit(word, count(ones)); },`,
  'an array, and a generator': `
    map(line) { return line.split(' ').map((word) => [word, 1]); },
    *reduce(word, ones) { yield [word, count(ones)]; },`,
  'asynchronous emit': `
    async map(line, { emit }) { await later(); for (const word of line.split(' ')) emit(word, 1); },
    async reduce(word, ones, { emit }) { await later(); emit(word, count(ones)); },`,
  'an asynchronous generator, and a promise': `
    async *map(line) { await later(); for (const word of line.split(' ')) { await later(); yield [word, 1]; } },
    async reduce(word, ones) { await later(); return count(ones); },`,
  'a promise of an array, and a combiner': `
    async map(line) { await later(); return line.split(' ').map((word) => [word, 1]); },
    combine: (word, ones) => count(ones),
    reduce: (word, ones) => count(ones),`,
};

describe('styles of a job', () => {
  test('a job gives the same output with generators, arrays, emit or promises', async ({ scratch }) => {
    const text = 'one two three\ntwo three\nthree\n'.repeat(50);
    scratch.write('text.txt', text);
    await scratch.workers(2);
    for (const [style, functions] of Object.entries(STYLES)) {
      scratch.write(
        'style.js',
        `const later = () => new Promise((resolve) => setImmediate(resolve));
        function count(ones) { let sum = 0; for (const one of ones) sum += one; return sum; }
        export default { name: 'style', ${functions} };`,
      );
      const [sequential] = await Promise.all([
        scratch.sequential(['--job', 'style.js', 'text.txt']),
        scratch.done(['-N', '3', '-M', '2', '--job', 'style.js', 'text.txt']),
      ]);
      expect(scratch.output(), style).toBe(countWords([text]));
      expect(sequential, style).toBe(countWords([text]));
    }
  });
});

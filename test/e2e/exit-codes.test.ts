// Provokes every exit code in the table of README.md, row by row.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect } from 'vitest';

import { holdingAt, isHeld } from '../fixtures/killed-driver.ts';
import type { Finished } from '../fixtures/running-command.ts';
import { MAPREDUCE, ROOT, type Scratch, test } from '../fixtures/scratch.ts';

const FLAGS = ['--fresh', '-N', '2', '-M', '1', '-W', '1', '--no-backup'];

/** Runs a correct job with `fields` replaced. */
async function runJob(scratch: Scratch, fields: string, ...flags: string[]): Promise<Finished> {
  const fileName = scratch.write(
    'job.ts',
    `import { appendFileSync } from 'node:fs';
     const sum = (key, values) => [...values].reduce((a, b) => a + b, 0);
     export default { name: 'odd', map(line, { emit }) { emit(line, 1); }, reduce: sum, ${fields} };\n`,
  );
  return scratch.run([...FLAGS, ...flags, '--job', `./${fileName}`, 'text.txt']);
}

const PROVOKED: Readonly<Record<number, (scratch: Scratch) => Promise<Finished>>> = {
  0: (scratch) => scratch.run([...FLAGS, 'text.txt']),
  1: (scratch) => runJob(scratch, 'combine: () => 7', '--verify'),
  2: (scratch) => scratch.run([...FLAGS, 'missing.txt']),
  3: (scratch) => runJob(scratch, `map() { throw new Error('no') }`, '--max-attempts', '1'),
  4: (scratch) => runJob(scratch, `map() { process.kill(process.pid, 'SIGKILL') }`, '--max-respawns', '0'),
  5: (scratch) => runJob(scratch, `map(line, { emit, file }) { appendFileSync(file, 'more\\n') }`),
  6: (scratch) => {
    const command = [process.execPath, MAPREDUCE, 'run', '--worker-port', String(scratch.port), ...FLAGS, 'text.txt'];
    return scratch.startProgram('sh', ['-c', 'ulimit -f 0; exec "$@"', 'sh', ...command]).finished;
  },
  // Simulates a bug of ours.
  70: (scratch) => {
    const bug = scratch.write('bug.mjs', `if (process.argv.includes('run')) Date.now = undefined;\n`);
    return scratch.run([...FLAGS, 'text.txt'], { env: { NODE_OPTIONS: `--import=${join(scratch.dir, bug)}` } });
  },
  130: async (scratch) => {
    const run = scratch.drive(['--fresh', ...holdingAt('map-0.1', ['text.txt'])]);
    await isHeld(scratch, 'map-0.1', run);
    run.signal('SIGINT');
    return run.finished;
  },
};

const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
const [, table = ''] = /^\| exit code \|[^\n]*\n\|[-|]+\|\n((?:\|[^\n]*\n)+)/m.exec(readme) ?? [];
const rows = Array.from(table.matchAll(/^\| (\d+) \| (.*) \|$/gm), ([, code, meaning]) => [Number(code), meaning!]);

test('every row of the table of exit codes has a test', () => {
  expect(rows.map(([code]) => code)).toEqual(Object.keys(PROVOKED).map(Number));
});

test.for(rows as [number, string][])('exit code %i: %s', async ([code], { scratch }) => {
  scratch.write('text.txt', 'one two\nthree\n'.repeat(100));
  const { exitCode, stderr } = await PROVOKED[code]!(scratch);
  expect(exitCode, stderr).toBe(code);
  const says = stderr.split('\n').filter((line) => line.startsWith('mapreduce: '));
  expect(says, stderr).toHaveLength(code === 0 ? 0 : 1);
  expect(says[0] ?? '').toMatch(code === 70 ? /^mapreduce: unexpected: / : /^(?!mapreduce: unexpected: )/);
});

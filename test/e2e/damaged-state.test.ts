// Tests every file of the state directory with every kind of damage, between the death of a driver and the next one, and after a
// run: either the output is right, or one clear error says how to continue. No file is trusted without proof.
//
// The driver runs in the test's own process, on a waiting worker: real files, a real worker, and many cases a second.

import { cpSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { basename, join, relative } from 'node:path';

import { beforeAll, describe, expect, test } from 'vitest';

import { MapReduceError, messageOf } from '../../src/errors.ts';
import { runJob } from '../../src/run-job.ts';
import { type Damage, DAMAGES } from '../fixtures/damages.ts';
import { isHeld, kill } from '../fixtures/killed-driver.ts';
import { HOLDING_RANGES } from '../fixtures/paths.ts';
import { freePorts } from '../fixtures/ports.ts';
import { ROOT, Scratch } from '../fixtures/scratch.ts';
import { countWords, LIBRARY, library } from '../fixtures/texts.ts';

const EXPECTED = countWords(Object.values(LIBRARY));
const COUNTS = ['-N', '4', '-M', '3', '-W', '1'];

/** One damage of each sort. The unit tests try every kind of damage on each kind of file where it is read. */
const EACH = new Set([
  'with another digit',
  'cut in half',
  'that says null',
  'that is gone',
  'that is a folder with something in it',
  'that is a pipe',
]);
const ALL_AT_ONCE = DAMAGES.filter(([how]) => ['with another digit', 'empty', 'that is an empty folder'].includes(how));

let scratch: Scratch;
let params: Record<string, string>;
let caseCount = 0;

beforeAll(async () => {
  scratch = new Scratch(await freePorts(8));
  params = { hold: 'reduce-2.1', gate: join(scratch.dir, 'gate') };
  const asParams = Object.entries(params).flatMap(([name, value]) => ['--param', `${name}=${value}`]);
  const args = [
    ...COUNTS,
    '--job',
    HOLDING_RANGES,
    ...asParams,
    ...library(scratch).map((name) => join(scratch.dir, name)),
  ];
  const workers = await scratch.workers(1);
  const driver = scratch.drive(args);
  await isHeld(scratch, 'reduce-2.1', driver, workers);
  await kill(driver);
  scratch.write('gate/reduce-2.1', '');
  // A run continues in the folder in which it began.
  process.chdir(scratch.dir);
  cpSync(scratch.state, join(scratch.dir, 'unfinished'), { recursive: true });
  cpSync(scratch.state, join(scratch.dir, 'done'), { recursive: true });
  await run('done');
  return () => {
    process.chdir(ROOT);
    return scratch.end();
  };
});

/** Runs the job in a state directory. Returns the outputs joined together: they are ranges, so they are in order. */
async function run(state: string, fresh = false): Promise<string> {
  const { outputs } = await runJob({
    inputs: Object.keys(LIBRARY).map((name) => join(scratch.dir, name)),
    job: HOLDING_RANGES,
    params,
    dir: join(scratch.dir, state),
    maps: 4,
    reduces: 3,
    workers: 1,
    workerPort: scratch.port,
    port: scratch.port + 4,
    dashboard: false,
    fresh,
  });
  return outputs.map((path) => readFileSync(path, 'utf8')).join('');
}

function filesOf(state: string): string[] {
  return readdirSync(join(scratch.dir, state), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(join(scratch.dir, state), join(entry.parentPath, entry.name)))
    .sort();
}

/** Returns one file of each kind in a state directory: the last of those whose names differ only in numbers. */
function kindsOf(state: string): string[] {
  return [
    ...new Map(filesOf(state).map((name) => [name.replace(RUN_ID, 'RUN').replaceAll(/\d+/g, 'N'), name])).values(),
  ];
}

const RUN_ID = /\d{8}T\d{6}Z-[0-9a-f]{6}/g;
const FULL_FOLDER = 'that is a folder with something in it';

/** Whether a run may refuse the damage: to a foreign lock, a broken journal, or a folder that may belong to the user. */
function mayBeRefused(name: string, how: string): boolean {
  const [kind] = basename(name).split('.');
  return name === 'lock' || kind === 'journal' || how === FULL_FOLDER;
}

/** A damaged state file. */
interface Case {
  readonly name: string;
  readonly how: string;
  readonly from: string;
}

/** Damages a file in a copy of a state directory, and runs there until the output is right. */
async function tryOut({ name, how, from }: Case, damage: Damage[1]): Promise<void> {
  const state = `case-${++caseCount}`;
  cpSync(join(scratch.dir, from), join(scratch.dir, state), { recursive: true });
  const path = join(scratch.dir, state, name);
  const what = `${name} ${how}, ${from}`;
  damage(path);
  try {
    expect.soft(await run(state), what).toBe(EXPECTED);
  } catch (error) {
    expectClear(error, what);
    expect.soft(mayBeRefused(name, how), `${what}: ${messageOf(error)}`).toBe(true);
    // The message says how to continue: without the file, or with --fresh if the file is a journal.
    if (!name.endsWith('journal.ndjson')) rmSync(path, { recursive: true });
    expect.soft(await run(state, name.endsWith('journal.ndjson')), `${what}, mended`).toBe(EXPECTED);
  } finally {
    rmSync(join(scratch.dir, state), { recursive: true });
  }
}

/** Expects one line with the expected and the found state, whose cause is the caller or the machine. */
function expectClear(error: unknown, what: string): void {
  if (!(error instanceof MapReduceError)) throw error;
  expect.soft([2, 5, 6], `${what}: ${error.message}`).toContain(error.exitCode);
  expect.soft(error.message, what).toMatch(/^[^\n]*expected [^\n]*found [^\n]*$/);
}

describe('an unfinished run', () => {
  test.for(DAMAGES.filter(([how]) => EACH.has(how)))(
    'an unfinished run continues or reports the damage if any one file is damaged (%s)',
    async ([how, damage]) => {
      for (const name of kindsOf('unfinished')) await tryOut({ name, how, from: 'unfinished' }, damage);
    },
  );

  test('an unfinished run has a file of every kind', () => {
    const kinds = kindsOf('unfinished').map((name) => name.replace(RUN_ID, 'RUN'));
    const expected = 'history/RUN/journal.ndjson intermediate/mr-3 lock lock.holder run.json token workers.json'.split(
      ' ',
    );
    expect(kinds).toEqual(expect.arrayContaining(['chunks/chunk_3.msgpack', ...expected]));
  });

  test.for(ALL_AT_ONCE)(
    'an unfinished run continues if all files but the journal and the lock are damaged (%s)',
    async ([, damage]) => {
      await tryAll('unfinished', damage);
    },
  );

  test.for(ALL_AT_ONCE)(
    'an unfinished run starts over with --fresh if all files but the lock are damaged (%s)',
    async ([, damage]) => {
      await tryAll('unfinished', damage, true);
    },
  );
});

describe('a run that has ended', () => {
  test.for(ALL_AT_ONCE)(
    'the next run succeeds after one that has ended, if all files but the journal and the lock are damaged (%s)',
    async ([, damage]) => {
      await tryAll('done', damage);
    },
  );
});

/** Damages all files in a copy of a state directory, and runs there. */
async function tryAll(from: string, damage: Damage[1], fresh = false): Promise<void> {
  const state = `case-${++caseCount}`;
  cpSync(join(scratch.dir, from), join(scratch.dir, state), { recursive: true });
  for (const name of filesOf(state)) {
    if (name !== 'lock' && (fresh || !name.endsWith('journal.ndjson'))) damage(join(scratch.dir, state, name));
  }
  expect(await run(state, fresh)).toBe(EXPECTED);
  rmSync(join(scratch.dir, state), { recursive: true });
}

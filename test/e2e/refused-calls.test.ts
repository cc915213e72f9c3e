// Whatever the operating system refuses, a run ends right, or with the exit code that says who must act and one line; and
// the same command again ends right. A few draws each time; `npm run refusals` tries every call.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, expect } from 'vitest';

import { randomFrom, seed } from '../fixtures/random.ts';
import { test } from '../fixtures/scratch.ts';
import { allKinds, type Kind, type Refusal, refusalOf, textOf } from '../refusals/refusals.ts';
import { buildRefuser } from '../refusals/refuser.ts';
import { tryRefusal } from '../refusals/trial.ts';

const folder = mkdtempSync(join(tmpdir(), 'mapreduce-refuser-'));
const library = buildRefuser(folder);
afterAll(() => rmSync(folder, { recursive: true }));

const SAMPLES = 8;
/** More calls of a kind than a run makes. */
const MOST_CALLS = 200;
const isAll = process.env['REFUSALS'] === 'all';
const only = process.env['REFUSALS_ONLY'] ?? '';

test.runIf(library !== undefined && !isAll)(
  `a call that the system refuses is no bug of ours, and the same command again ends right (seed ${seed})`,
  async ({ scratch }) => {
    const random = randomFrom(seed);
    const kinds = allKinds();
    for (let sample = 0; sample < SAMPLES; sample++) {
      const kind = kinds[Math.floor(random() * kinds.length)]!;
      const refusal = refusalOf(kind, 1 + Math.floor(random() ** 2 * 12), sample);
      const problem = await tryRefusal(scratch, library!, refusal);
      if (problem !== 'not met') expect.soft(problem, textOf(refusal)).toBeUndefined();
    }
  },
);

test.runIf(library !== undefined && isAll)(
  `no call that the system refuses is a bug of ours (seed ${seed})`,
  async ({ scratch }) => {
    const problems: string[] = [];
    let met = 0;
    for (const kind of allKinds().filter((each) => JSON.stringify(each).includes(only))) {
      met += await everyCall(kind, async (refusal) => {
        const problem = await tryRefusal(scratch, library!, refusal);
        if (problem === 'not met') return false;
        if (problem !== undefined) problems.push(`${textOf(refusal)}: ${problem}`);
        process.stderr.write(problem === undefined ? '.' : `\n${problems.at(-1)}\n`);
        return true;
      });
    }
    process.stderr.write(`\n${met} refusals, ${problems.length} problems\n`);
    expect(problems).toEqual([]);
  },
  6 * 3_600_000,
);

/** Tries the calls of a kind one after another, until there are no more. Returns how many there were. */
async function everyCall(kind: Kind, isMet: (refusal: Refusal) => Promise<boolean>): Promise<number> {
  // Another error a call, and others with another seed.
  for (let nth = 1; nth < MOST_CALLS; nth++) if (!(await isMet(refusalOf(kind, nth, seed + nth)))) return nth - 1;
  throw new Error(`${JSON.stringify(kind)}: expected fewer than ${MOST_CALLS} calls`);
}

test.runIf(library === undefined)('calls are not refused here, because there is no C compiler, or no Linux', () => {});

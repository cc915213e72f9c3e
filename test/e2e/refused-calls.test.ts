// Tests that a run ends with the right output, or with one line and the exit code for the party that must act, whatever system call is
// refused, and that the same command then succeeds. This tries a few random calls; `npm run refusals` tries every call.

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
/** More calls of a kind than any run makes. */
const MOST_CALLS = 200;
const isAll = process.env['REFUSALS'] === 'all';
const only = process.env['REFUSALS_ONLY'] ?? '';

test.runIf(library !== undefined && !isAll)(
  `a call that the system refuses is not reported as a bug of ours, and the same command then succeeds (seed ${seed})`,
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
  `no call that the system refuses is reported as a bug of ours (seed ${seed})`,
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

/** Tries the calls of a kind one after another until none is left. Returns their number. */
async function everyCall(kind: Kind, isMet: (refusal: Refusal) => Promise<boolean>): Promise<number> {
  // Each call fails with a different error, which depends on the seed.
  for (let nth = 1; nth < MOST_CALLS; nth++) if (!(await isMet(refusalOf(kind, nth, seed + nth)))) return nth - 1;
  throw new Error(`${JSON.stringify(kind)}: expected fewer than ${MOST_CALLS} calls`);
}

test.runIf(library === undefined)('refused calls are not tested because there is no C compiler or no Linux', () => {});

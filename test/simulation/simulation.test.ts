import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

import { expect, test } from 'vitest';

import { seed } from '../fixtures/random.ts';
import { plantedBugs } from './planted-bugs/all.ts';
import { searchBug } from './planted-bugs/search.ts';
import { simulate } from './simulation.ts';
import { failureText, Tally } from './tally.ts';

test('runs in which everything goes wrong violate no rule, and end', () => {
  const tally = new Tally();
  for (let seed = 1; seed <= 150; seed++) tally.add(simulate(seed));
  expect(tally.failed.map(failureText)).toEqual([]);
});

const first = 10_000 + (seed % 1_000_000_000);

test(`runs from new seeds, beginning with ${first}, violate no rule, and end`, () => {
  const tally = new Tally();
  for (let seed = first; seed < first + 150; seed++) tally.add(simulate(seed));
  expect(tally.failed.map(failureText)).toEqual([]);
});

test('a seed repeats its run to the letter', () => {
  const [once, again] = [[], []].map((lines: string[]) => {
    simulate(9, { note: (line) => lines.push(line) });
    return lines;
  });
  expect(again).toEqual(once);
});

test.for(Object.entries(plantedBugs))('a checker finds the planted bug %s', ([, bug]) => {
  expect(searchBug(bug, 2000), bug.says).toBeDefined();
});

test('a failing seed is reported in one line with the violation and the command to repeat it', () => {
  const bug = plantedBugs['done-too-early']!;
  const { seed } = searchBug(bug, 2000)!;
  const line = failureText(simulate(seed, { bug }));
  expect(line).toMatch(/^seed \d+ failed: [a-z ]+: .+$/);
  expect(line.startsWith(`seed ${seed} failed: `)).toBe(true);
  expect(line.endsWith(`; repeat with: npm run simulate -- --seed ${seed}`)).toBe(true);
});

test.for([['--seeds', 'many'], ['--seed', '0'], ['--sed', '1'], ['7']])(
  'wrong use ends with one line and exit code 2: %s',
  (flags) => {
    const { status, stderr, stdout } = simulateCommand(...flags);
    expect({ status, stdout, lines: stderr.trimEnd().split('\n').length }).toEqual({ status: 2, stdout: '', lines: 1 });
  },
);

test('a summary of many seeds has their outcomes and their faults', () => {
  const { status, stdout } = simulateCommand('--seeds', '30', '--from', '5');
  expect(stdout).toMatch(/^30 seeds, \d+ events in \d+ s: .*\nended: .*done \d+.*\nwent wrong: .*crash \d+.*\n$/);
  expect(status).toBe(0);
});

function simulateCommand(...flags: string[]): { status: number | null; stderr: string; stdout: string } {
  const main = fileURLToPath(new URL('main.ts', import.meta.url));
  return spawnSync(process.execPath, [main, ...flags], { encoding: 'utf8' });
}

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { CorruptError } from '../../../src/errors.ts';
import { keepRun, placeLine, readPlace, readRun, type RunRecord, writeRun } from '../../../src/workspace/run-manifest.ts';
import { DAMAGES } from '../../fixtures/damages.ts';
import { temporaryFolder } from '../../fixtures/temporary.ts';

const RUN: RunRecord = { id: 'run-1', job: '/job.ts', mapCount: 3, reduceCount: 2, firstKeys: ['bQ=='] };
const PLACE = { file: 'a.txt', slice: 0, offset: 12 };
const EXCEPT = new Set(['that is gone', 'that is a folder with something in it']);

test('the record of a run is read as it was written', () => {
  const path = join(temporaryFolder(), 'run.json');
  expect(readRun(path)).toBeUndefined();
  writeRun(path, RUN);
  expect(readRun(path)).toEqual(RUN);
});

test.for(DAMAGES.filter(([how]) => !EXCEPT.has(how)))(
  'a record %s is a CorruptError, until it is made anew',
  ([, damage]) => {
    const path = join(temporaryFolder(), 'run.json');
    writeRun(path, RUN);
    damage(path);
    expect(() => readRun(path)).toThrow(CorruptError);
    expect(() => readRun(path)).toThrow(`${path}: expected the record of a run in version 1, found`);
    keepRun(path, RUN);
    expect(readRun(path)).toEqual(RUN);
  },
);

test('the record of another run is replaced, and one that is right is left alone', () => {
  const path = join(temporaryFolder(), 'run.json');
  writeRun(path, { ...RUN, reduceCount: 3 });
  keepRun(path, RUN);
  expect(readRun(path)).toEqual(RUN);
  const before = readFileSync(path);
  keepRun(path, undefined);
  keepRun(path, RUN);
  expect(readFileSync(path)).toEqual(before);
});

test('a place is read up to the end of its line', () => {
  const path = join(temporaryFolder(), 'run-1.map-0.1.at');
  expect(readPlace(path)).toBeUndefined();
  for (const text of [placeLine(PLACE), `${placeLine(PLACE)}0","crc":"01234567"}\n`]) {
    writeFileSync(path, text);
    expect(readPlace(path)).toEqual(PLACE);
  }
});

test.for(DAMAGES)('a place %s is none', ([, damage]) => {
  const path = join(temporaryFolder(), 'run-1.map-0.1.at');
  writeFileSync(path, placeLine(PLACE));
  damage(path);
  expect(readPlace(path)).toBeUndefined();
});

test('a place that was torn between two others is none: it would be another record', () => {
  const path = join(temporaryFolder(), 'run-1.map-0.1.at');
  const [older, newer] = [placeLine({ ...PLACE, offset: 1234 }), placeLine({ ...PLACE, offset: 5678 })];
  for (let torn = older.indexOf('1234') + 1; torn < older.length - 3; torn++) {
    writeFileSync(path, newer.slice(0, torn) + older.slice(torn));
    expect(readPlace(path), `torn at byte ${torn}`).toBeUndefined();
  }
});

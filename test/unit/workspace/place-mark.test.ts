import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { placeMarkLine, readPlaceMark } from '../../../src/workspace/place-mark.ts';
import { DAMAGES } from '../../fixtures/damages.ts';
import { temporaryFolder } from '../../fixtures/temporary.ts';

const PLACE = { file: 'a.txt', slice: 0, offset: 12 };

test('a place mark is read up to the end of its line', () => {
  const path = join(temporaryFolder(), 'run-1.map-0.1.at');
  expect(readPlaceMark(path)).toBeUndefined();
  for (const text of [placeMarkLine(PLACE), `${placeMarkLine(PLACE)}0","crc":"01234567"}\n`]) {
    writeFileSync(path, text);
    expect(readPlaceMark(path)).toEqual(PLACE);
  }
});

test.for(DAMAGES)('a place mark %s is not valid', ([, damage]) => {
  const path = join(temporaryFolder(), 'run-1.map-0.1.at');
  writeFileSync(path, placeMarkLine(PLACE));
  damage(path);
  expect(readPlaceMark(path)).toBeUndefined();
});

test('a place mark torn between two others is not valid: it would name another record', () => {
  const path = join(temporaryFolder(), 'run-1.map-0.1.at');
  const [older, newer] = [placeMarkLine({ ...PLACE, offset: 1234 }), placeMarkLine({ ...PLACE, offset: 5678 })];
  for (let torn = older.indexOf('1234') + 1; torn < older.length - 3; torn++) {
    writeFileSync(path, newer.slice(0, torn) + older.slice(torn));
    expect(readPlaceMark(path), `torn at byte ${torn}`).toBeUndefined();
  }
});

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { CorruptError } from '../../../src/errors.ts';
import { keepManifest, readManifest, type RunManifest, writeManifest } from '../../../src/workspace/run-manifest.ts';
import { DAMAGES } from '../../fixtures/damages.ts';
import { temporaryFolder } from '../../fixtures/temporary.ts';

const RUN: RunManifest = { id: 'run-1', job: '/job.ts', mapCount: 3, reduceCount: 2, firstKeys: ['bQ=='] };
const EXCEPT = new Set(['that is gone', 'that is a folder with something in it']);

test('the manifest of a run is read as it was written', () => {
  const path = join(temporaryFolder(), 'run.json');
  expect(readManifest(path)).toBeUndefined();
  writeManifest(path, RUN);
  expect(readManifest(path)).toEqual(RUN);
});

test.for(DAMAGES.filter(([how]) => !EXCEPT.has(how)))(
  'a manifest %s is a CorruptError, until it is written again',
  ([, damage]) => {
    const path = join(temporaryFolder(), 'run.json');
    writeManifest(path, RUN);
    damage(path);
    expect(() => readManifest(path)).toThrow(CorruptError);
    expect(() => readManifest(path)).toThrow(`${path}: expected the record of a run in version 1, found`);
    keepManifest(path, RUN);
    expect(readManifest(path)).toEqual(RUN);
  },
);

test('the manifest of another run is replaced, and a correct one is left alone', () => {
  const path = join(temporaryFolder(), 'run.json');
  writeManifest(path, { ...RUN, reduceCount: 3 });
  keepManifest(path, RUN);
  expect(readManifest(path)).toEqual(RUN);
  const before = readFileSync(path);
  keepManifest(path, undefined);
  keepManifest(path, RUN);
  expect(readFileSync(path)).toEqual(before);
});

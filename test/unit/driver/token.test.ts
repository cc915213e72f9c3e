import { execFile } from 'node:child_process';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { beforeEach, expect, test, vi } from 'vitest';

import { sharedToken } from '../../../src/driver/token.ts';
import { UsageError } from '../../../src/errors.ts';
import { temporaryFolder } from '../../fixtures/temporary.ts';

beforeEach(() => {
  vi.stubEnv('MAPREDUCE_TOKEN', undefined);
  return () => void vi.unstubAllEnvs();
});

test('a token is made where there is none, for its owner alone, and found again', () => {
  const path = join(temporaryFolder(), 'files', 'token');
  const token = sharedToken(path);
  expect(token).toMatch(/^[\w-]{32}$/);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(readFileSync(path, 'utf8').trim()).toBe(token);
  expect(sharedToken(path)).toBe(token);
});

test('no two tokens are the same', () => {
  const folder = temporaryFolder();
  expect(sharedToken(join(folder, 'a'))).not.toBe(sharedToken(join(folder, 'b')));
});

test('MAPREDUCE_TOKEN is the token, and no file is made', () => {
  const path = join(temporaryFolder(), 'token');
  vi.stubEnv('MAPREDUCE_TOKEN', 'known-to-both-of-us');
  expect(sharedToken(path)).toBe('known-to-both-of-us');
  expect(() => statSync(path)).toThrow('ENOENT');
  vi.stubEnv('MAPREDUCE_TOKEN', '');
  expect(sharedToken(path)).not.toBe('');
});

test.for(['short', 'with a space in between', 'with-a-line-end\nin-between'])(
  'a MAPREDUCE_TOKEN that is too short, or cannot stand in a header, is a UsageError: %j',
  (token) => {
    vi.stubEnv('MAPREDUCE_TOKEN', token);
    expect(() => sharedToken(join(temporaryFolder(), 'token'))).toThrow(UsageError);
  },
);

test('a token that somebody wrote by hand is taken without its line end', () => {
  const path = join(temporaryFolder(), 'token');
  writeFileSync(path, 'by-hand\n');
  expect(sharedToken(path)).toBe('by-hand');
});

test('processes that need a token at the same time agree on it', async () => {
  const path = join(temporaryFolder(), 'token');
  const source = `
    import { sharedToken } from ${JSON.stringify(new URL('../../../src/driver/token.ts', import.meta.url))};
    process.stdout.write(sharedToken(${JSON.stringify(path)}));
  `;
  const found = await Promise.all(
    Array.from({ length: 3 }, async () => {
      const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module-typescript', '-e', source]);
      return stdout;
    }),
  );
  expect(new Set(found)).toEqual(new Set([readFileSync(path, 'utf8').trim()]));
});

test('an empty token file is no token', () => {
  const path = join(temporaryFolder(), 'token');
  writeFileSync(path, '');
  expect(sharedToken(path)).not.toBe('');
});

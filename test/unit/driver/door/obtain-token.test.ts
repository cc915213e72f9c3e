import { execFile } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

import { beforeEach, expect, test, vi } from 'vitest';

import { keepToken, sharedToken } from '../../../../src/driver/door/obtain-token.ts';
import { SystemError, UsageError } from '../../../../src/errors.ts';
import { tokenSource } from '../../../../src/worker/token-source.ts';
import { DAMAGES } from '../../../fixtures/damages.ts';
import { temporaryFolder } from '../../../fixtures/temporary.ts';

beforeEach(() => {
  vi.stubEnv('MAPREDUCE_TOKEN', undefined);
  return () => void vi.unstubAllEnvs();
});

test('a missing token is made, readable by its owner only, and found again', () => {
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
  'a MAPREDUCE_TOKEN that is too short, or not valid in a header, is a UsageError: %j',
  (token) => {
    vi.stubEnv('MAPREDUCE_TOKEN', token);
    expect(() => sharedToken(join(temporaryFolder(), 'token'))).toThrow(UsageError);
  },
);

test('a token that was written by hand is used without its line end', () => {
  const path = join(temporaryFolder(), 'token');
  writeFileSync(path, 'written-by-hand.1\n');
  expect(sharedToken(path)).toBe('written-by-hand.1');
});

/** The tokens of processes that ask for one at the same time. */
function tokensOfProcesses(path: string): Promise<string[]> {
  const source = `
    import { sharedToken } from ${JSON.stringify(new URL('../../../../src/driver/door/obtain-token.ts', import.meta.url))};
    process.stdout.write(sharedToken(${JSON.stringify(path)}));
  `;
  return Promise.all(
    Array.from({ length: 3 }, async () => {
      const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module-typescript', '-e', source]);
      return stdout;
    }),
  );
}

test('processes that need a token at the same time agree on it', async () => {
  const path = join(temporaryFolder(), 'token');
  expect(new Set(await tokensOfProcesses(path))).toEqual(new Set([readFileSync(path, 'utf8').trim()]));
});

/** Damages that leave a valid token: the same without its line end, or one that may have been written by hand. */
const STILL_TOKENS = new Set(['cut by one byte', 'with a flipped bit at its begin']);
const DAMAGED = DAMAGES.filter(([how]) => !STILL_TOKENS.has(how));
const REPLACED = DAMAGED.filter(([how]) => how !== 'that is a folder with something in it');

test.for(REPLACED)('a token %s is replaced by a new one', ([, damage]) => {
  const path = join(temporaryFolder(), 'token');
  const before = sharedToken(path);
  damage(path);
  const token = sharedToken(path);
  expect(token).toMatch(/^mr1-[\w-]{28}$/);
  expect(token).not.toBe(before);
  expect(sharedToken(path)).toBe(token);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(readdirSync(dirname(path))).toEqual(['token']);
});

test('a token of ours that was cut short is invalid, however long it still is', () => {
  const path = join(temporaryFolder(), 'token');
  const token = sharedToken(path);
  for (let length = 16; length < token.length; length++) {
    writeFileSync(path, token.slice(0, length));
    expect(sharedToken(path)).not.toBe(token.slice(0, length));
    vi.stubEnv('MAPREDUCE_TOKEN', token.slice(0, length));
    expect(() => sharedToken(path)).toThrow(UsageError);
    vi.stubEnv('MAPREDUCE_TOKEN', undefined);
  }
});

test('a folder that is not empty, in the place of a token, is left alone and named', () => {
  const path = join(temporaryFolder(), 'token');
  mkdirSync(join(path, 'theirs'), { recursive: true });
  expect(() => sharedToken(path)).toThrow(SystemError);
  expect(() => sharedToken(path)).toThrow(`${path}: expected a file or nothing, found a folder that is not empty`);
  expect(readdirSync(path)).toEqual(['theirs']);
});

test('processes that find a damaged token at the same time agree on a new one', async () => {
  const path = join(temporaryFolder(), 'token');
  writeFileSync(path, 'x');
  expect(new Set(await tokensOfProcesses(path))).toEqual(new Set([readFileSync(path, 'utf8').trim()]));
});

test('the token of a run is restored if it was damaged or replaced, unless it was given', () => {
  const path = join(temporaryFolder(), 'token');
  const token = sharedToken(path);
  for (const text of ['x', `${sharedToken(join(temporaryFolder(), 'token'))}\n`]) {
    writeFileSync(path, text);
    keepToken(path, token);
    expect(readFileSync(path, 'utf8')).toBe(`${token}\n`);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  }
  vi.stubEnv('MAPREDUCE_TOKEN', 'known-to-both-of-us');
  writeFileSync(path, 'x');
  keepToken(path, 'known-to-both-of-us');
  expect(readFileSync(path, 'utf8')).toBe('x');
});

test.for(DAMAGED)('a worker whose token file is one %s has no token, and does not block on it', ([, damage]) => {
  const path = join(temporaryFolder(), 'token');
  sharedToken(path);
  damage(path);
  expect(tokenSource('', path).current()).toBe('');
});

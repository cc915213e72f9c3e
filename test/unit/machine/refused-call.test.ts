import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readdirSync, readSync, renameSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { DatabaseSync } from 'node:sqlite';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { CorruptError, SystemError, UsageError } from '../../../src/errors.ts';
import { refusedCall } from '../../../src/machine/refused-call.ts';
import { temporaryFolder } from '../../fixtures/temporary.ts';

function thrownBy(act: () => unknown): unknown {
  try {
    act();
  } catch (error) {
    return error;
  }
  throw new Error('expected an error, found none');
}

function textOf(error: unknown): string {
  const refused = refusedCall(error, '/the/file');
  expect(refused).toBeInstanceOf(SystemError);
  return (refused as SystemError).message;
}

test('the error of a refused call names its file, its purpose, what was found, and the way out', () => {
  const dir = temporaryFolder();
  const file = join(dir, 'file');
  writeFileSync(file, '');
  expect(textOf(thrownBy(() => openSync(join(file, 'below'), 'r')))).toBe(
    `${file}/below: expected to open it, found not a directory (ENOTDIR); ` +
      'move away the file that stands in the place of a folder',
  );
  expect(textOf(thrownBy(() => readdirSync(join(dir, 'nothing'))))).toMatch(
    /nothing: expected to list this folder, found no such file or directory \(ENOENT\); mend that/,
  );
  expect(textOf(thrownBy(() => renameSync(dir, join(dir, 'a'))))).toMatch(/: expected to rename it to .*\/a,/);
});

test('an error of an open file, which has no path, gets the path', () => {
  const dir = temporaryFolder();
  const fd = openSync(dir, 'r');
  const error = thrownBy(() => readSync(fd, Buffer.alloc(1)));
  closeSync(fd);
  expect(textOf(error)).toBe(
    '/the/file: expected to read it, found illegal operation on a directory (EISDIR); move the folder away',
  );
});

test('a program that does not start, a missing address, a lock and memory count as refused calls', async () => {
  const [spawning] = (await once(spawn('/no/such/program'), 'error').catch((error: unknown) => [error])) as unknown[];
  expect(textOf(spawning)).toMatch(/^\/no\/such\/program: expected to start it, found .*ENOENT/);
  const [listening] = (await once(createServer().listen(1, '192.0.2.1'), 'error')) as unknown[];
  expect(textOf(listening)).toMatch(/^192\.0\.2\.1:1: expected to listen there, found .*EADDRNOTAVAIL/);
  expect(textOf(thrownBy(() => new DatabaseSync('/no/such/folder/lock')))).toMatch(
    /^\/the\/file: expected a lock, found: unable to open/,
  );
  expect(textOf(thrownBy(() => new ArrayBuffer(2 ** 45)))).toMatch(/memory/i);
});

test('our own errors, and bugs of ours, stay as they are', () => {
  const bug = thrownBy(() => readSync(1_000_000, Buffer.alloc(1)));
  for (const error of [new UsageError('a'), new CorruptError('b'), new TypeError('c'), 'd', undefined, bug]) {
    expect(refusedCall(error)).toBe(error);
  }
});

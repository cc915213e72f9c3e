import { type ChildProcessByStdio, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';

import { expect, onTestFinished, test } from 'vitest';

import { lockDirectory } from '../../../../src/driver/state/lock.ts';
import { SystemError, UsageError } from '../../../../src/errors.ts';
import { DAMAGES } from '../../../fixtures/damages.ts';
import { temporaryFolder } from '../../../fixtures/temporary.ts';

const HOLDER = fileURLToPath(new URL('../../../fixtures/lock-holder.ts', import.meta.url));

interface Holder {
  readonly process: ChildProcessByStdio<Writable, Readable, null>;
  /** The first output of the process: `held`, or the reason why it does not hold the lock. */
  readonly said: string;
  /** Resolves when the process has ended. */
  readonly ended: Promise<unknown>;
}

/** Another process that takes the lock, if it can. */
async function otherProcess(path: string, purpose = 'a run of test'): Promise<Holder> {
  const child = spawn(process.execPath, [HOLDER, path, purpose], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  onTestFinished(() => void child.kill('SIGKILL'));
  const [said] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  return { process: child, said, ended };
}

/** Changes the statements for SQLite until the end of the test. */
function withExec(call: (exec: (sql: string) => void, sql: string) => void): void {
  const { exec } = Object.getOwnPropertyDescriptors(DatabaseSync.prototype);
  Object.defineProperty(DatabaseSync.prototype, 'exec', {
    ...exec,
    value(this: DatabaseSync, sql: string) {
      call((text) => Reflect.apply(exec.value!, this, [text]), sql);
    },
  });
  onTestFinished(() => void Object.defineProperty(DatabaseSync.prototype, 'exec', exec));
}

test('a lock is free again when it is released, and leaves no file', () => {
  const path = join(temporaryFolder(), 'files', 'lock');
  for (let time = 0; time < 3; time++) {
    const lock = lockDirectory(path, 'a run');
    expect(readdirSync(dirname(path))).toContain('lock');
    lock[Symbol.dispose]();
    expect(readdirSync(dirname(path))).toEqual([]);
  }
});

test('a second holder is refused, with the holder of the lock and its purpose', async () => {
  const path = join(temporaryFolder(), 'lock');
  const holder = await otherProcess(path, 'a run of word-count');
  expect(holder.said).toBe('held');
  expect(() => lockDirectory(path, 'a reset')).toThrow(UsageError);
  expect(() => lockDirectory(path, 'a reset')).toThrow(
    `${dirname(path)} is in use by a run of word-count, process ${holder.process.pid} on ${hostname()}, since 20`,
  );
  holder.process.stdin.end();
  await holder.ended;
  lockDirectory(path, 'a reset')[Symbol.dispose]();
  expect(readdirSync(dirname(path))).toEqual([]);
});

test('another process is refused while this one holds the lock', async () => {
  const path = join(temporaryFolder(), 'lock');
  using _lock = lockDirectory(path, 'a reset');
  expect((await otherProcess(path)).said).toContain(`in use by a reset, process ${process.pid}`);
});

test('the lock of a killed process is free, and the next holder removes the files that it left', async () => {
  const path = join(temporaryFolder(), 'lock');
  const holder = await otherProcess(path);
  expect(holder.said).toBe('held');
  holder.process.kill('SIGKILL');
  await holder.ended;
  lockDirectory(path, 'a run')[Symbol.dispose]();
  expect(readdirSync(dirname(path))).toEqual([]);
});

test('of many processes that want the lock at once, one gets it', async () => {
  const path = join(temporaryFolder(), 'lock');
  const holders = await Promise.all(Array.from({ length: 3 }, () => otherProcess(path)));
  expect(holders.filter(({ said }) => said === 'held')).toHaveLength(1);
});

test('a file that is not a lock is a UsageError that names it, not the lock of another process', () => {
  const path = join(temporaryFolder(), 'lock');
  writeFileSync(path, 'It is a truth universally acknowledged, '.repeat(100));
  expect(() => lockDirectory(path, 'a run')).toThrow(UsageError);
  expect(() => lockDirectory(path, 'a run')).toThrow(`${path}: expected a lock file`);
});

test('a second lock in one process is refused', () => {
  const path = join(temporaryFolder(), 'lock');
  using _lock = lockDirectory(path, 'a run');
  expect(() => lockDirectory(path, 'a run')).toThrow(UsageError);
});

test('a refused second lock in one process does not end the first', async () => {
  const path = join(temporaryFolder(), 'lock');
  using _lock = lockDirectory(path, 'a run');
  expect(() => lockDirectory(path, 'a run')).toThrow(UsageError);
  expect((await otherProcess(path)).said).toContain('in use by');
});

test('a lock on a removed file does not count: the process that has locked the file of that name has the directory', async () => {
  const folder = temporaryFolder();
  const path = join(folder, 'lock');
  const theirs = join(folder, 'theirs', 'lock');
  expect((await otherProcess(theirs, 'a run of theirs')).said).toBe('held');
  // Just before this process locks the file that it has opened, the last holder removes it, and another creates its own.
  let isFirst = true;
  withExec((exec, sql) => {
    if (isFirst) for (const name of ['', '.holder']) renameSync(`${theirs}${name}`, `${path}${name}`);
    isFirst = false;
    exec(sql);
  });

  expect(() => lockDirectory(path, 'a run')).toThrow(/in use by a run of theirs, process \d+/);
});

test('a lock whose file was removed leaves the file that another process has created since', async () => {
  const folder = temporaryFolder();
  const path = join(folder, 'lock');
  const lock = lockDirectory(path, 'a run');
  rmSync(path);
  expect((await otherProcess(path, 'a run of theirs')).said).toBe('held');
  lock[Symbol.dispose]();
  expect((await otherProcess(path)).said).toContain('in use by a run of theirs');
});

test.for(DAMAGES)('a holder file %s is ignored, and does not prevent taking the lock', async ([, damage]) => {
  const path = join(temporaryFolder(), 'lock');
  {
    using _lock = lockDirectory(path, 'a run');
    damage(`${path}.holder`);
    expect(() => lockDirectory(path, 'a reset')).toThrow(/is in use by another process; wait for its end/);
  }
  lockDirectory(path, 'a run')[Symbol.dispose]();
});

test.for([
  ['a folder', (path: string): unknown => mkdirSync(path), UsageError, 'expected a lock file, found a folder'],
  ['a pipe', (path: string): unknown => execFileSync('mkfifo', [path]), UsageError, 'found something that is no file'],
  [
    'four bytes',
    (path: string) => writeFileSync(path, 'null'),
    UsageError,
    'which is empty, found something else in it',
  ],
] as const)('%s in the place of a lock is named, and left alone', ([, make, error, message]) => {
  const path = join(temporaryFolder(), 'lock');
  make(path);
  expect(() => lockDirectory(path, 'a run')).toThrow(error);
  expect(() => lockDirectory(path, 'a run')).toThrow(message);
  expect(readdirSync(dirname(path))).toEqual(['lock']);
});

test('a path that SQLite could not open is refused as too long', () => {
  const dir = join(temporaryFolder(), 'a'.repeat(200), 'b'.repeat(200), 'c'.repeat(100));
  expect(() => lockDirectory(join(dir, 'lock'), 'a run')).toThrow(UsageError);
  expect(() => lockDirectory(join(dir, 'lock'), 'a run')).toThrow(/--dir: expected .* at most 495 bytes, found 5\d\d/);
});

test('a path that is just short enough is accepted', () => {
  const folder = temporaryFolder();
  const rest = 495 - Buffer.byteLength(folder) - 3;
  const dir = join(folder, 'a'.repeat(200), 'b'.repeat(200), 'c'.repeat(rest - 400));
  expect(Buffer.byteLength(dir)).toBe(495);
  lockDirectory(join(dir, 'lock'), 'a run')[Symbol.dispose]();
});

test('an error of SQLite is an error of the machine, not the lock of another process', () => {
  withExec(() => {
    throw Object.assign(new Error('disk I/O error'), { code: 'ERR_SQLITE_ERROR', errcode: 10 | (15 << 8) });
  });
  const path = join(temporaryFolder(), 'lock');
  expect(() => lockDirectory(path, 'a run')).toThrow(SystemError);
  expect(() => lockDirectory(path, 'a run')).toThrow(`${path}: expected a lock, found: disk I/O error`);
});

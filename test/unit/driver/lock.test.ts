import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';

import { expect, onTestFinished, test } from 'vitest';

import { lockDirectory } from '../../../src/driver/lock.ts';
import { UsageError } from '../../../src/errors.ts';
import { temporaryFolder } from '../../fixtures/temporary.ts';

const HOLDER = fileURLToPath(new URL('../../fixtures/lock-holder.ts', import.meta.url));

interface Holder {
  readonly process: ChildProcessByStdio<Writable, Readable, null>;
  /** What the process said first: `held`, or why it does not. */
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

test('a lock is free again when it is released, and leaves no file', () => {
  const path = join(temporaryFolder(), 'files', 'lock');
  for (let time = 0; time < 3; time++) {
    const lock = lockDirectory(path, 'a run');
    expect(readdirSync(dirname(path))).toContain('lock');
    lock[Symbol.dispose]();
    expect(readdirSync(dirname(path))).toEqual([]);
  }
});

test('a second holder is refused, and told who holds the lock and for what', async () => {
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

test('the lock of a process that was killed is free, and what it left goes with the next holder', async () => {
  const path = join(temporaryFolder(), 'lock');
  const holder = await otherProcess(path);
  expect(holder.said).toBe('held');
  holder.process.kill('SIGKILL');
  await holder.ended;
  lockDirectory(path, 'a run')[Symbol.dispose]();
  expect(readdirSync(dirname(path))).toEqual([]);
});

test('of many processes that want the lock at once, one has it', async () => {
  const path = join(temporaryFolder(), 'lock');
  const holders = await Promise.all(Array.from({ length: 3 }, () => otherProcess(path)));
  expect(holders.filter(({ said }) => said === 'held')).toHaveLength(1);
});

test('a file that is no lock is a UsageError that names it, not somebody else’s lock', () => {
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

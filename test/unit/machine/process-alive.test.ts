import { spawnSync } from 'node:child_process';
import { hostname } from 'node:os';

import { expect, onTestFinished, test, vi } from 'vitest';

import { isProcessAlive, mayBeAlive } from '../../../src/machine/process-alive.ts';

test('this process is alive, and one that has ended is not', () => {
  const { pid: ended } = spawnSync('true');
  expect([process.pid, ended].map(isProcessAlive)).toEqual([true, false]);
});

test('a process that this user may not signal is alive', () => {
  // As root, which tests may run as, every process may be signalled.
  const kill = vi.spyOn(process, 'kill').mockImplementation(() => {
    throw Object.assign(new Error('kill EPERM'), { code: 'EPERM' });
  });
  onTestFinished(() => kill.mockRestore());
  expect(isProcessAlive(1)).toBe(true);
});

test('a process of another machine may be alive, whatever its id', () => {
  const { pid } = spawnSync('true');
  expect(mayBeAlive({ pid, host: 'another-machine' })).toBe(true);
  expect(mayBeAlive({ pid, host: hostname() })).toBe(false);
});

// What can happen to real processes and real files. A fault says what it has done, or nothing where there was nothing to do
// it to.

import { closeSync, existsSync, openSync, readSync, rmSync, statSync, truncateSync, writeSync } from 'node:fs';
import { basename } from 'node:path';

import type { RunningCommand } from '../fixtures/running-command.ts';
import type { Draws } from './draws.ts';
import type { StateFolder, Surroundings } from './surroundings.ts';

interface Scene {
  readonly around: Surroundings;
  readonly draws: Draws;
  /** The driver that runs. */
  readonly driver: RunningCommand;
}

export type Fault = (scene: Scene) => string | undefined;

/** What comes over a run while its driver lives; what is there twice comes twice as often. */
export const FAULTS: readonly Fault[] = [
  killWorker,
  killWorker,
  stopWorker,
  killDriver,
  killDriver,
  stopDriver,
  (scene) => damage(scene, ['intermediate', 'chunks']),
  (scene) => damage(scene, ['intermediate']),
  (scene) => damage(scene, ['building']),
  (scene) => damage(scene, ['attempts']),
];

/** What comes over it while no driver lives: then also what no driver would look at again may break. */
export const FAULTS_BETWEEN: readonly Fault[] = [
  tearJournal,
  (scene) => damage(scene, ['intermediate', 'chunks']),
  (scene) => damage(scene, ['building']),
];

function killWorker({ around, draws }: Scene): string | undefined {
  const pid = draws.oneOf(around.workers());
  return pid !== undefined && signal(pid, 'SIGKILL') ? 'worker killed' : undefined;
}

function stopWorker({ around, draws }: Scene): string | undefined {
  const ms = draws.between(50, 4000);
  const pid = draws.oneOf(around.workers());
  if (pid === undefined || !signal(pid, 'SIGSTOP')) return undefined;
  setTimeout(() => {
    if (around.workers().includes(pid)) signal(pid, 'SIGCONT');
  }, ms);
  return `worker stopped for ${ms} ms`;
}

function killDriver({ driver }: Scene): string {
  driver.signal('SIGKILL');
  return 'driver killed';
}

function stopDriver({ draws, driver }: Scene): string {
  const ms = draws.between(50, 1500);
  driver.signal('SIGSTOP');
  setTimeout(() => {
    if (!driver.ended) driver.signal('SIGCONT');
  }, ms);
  return `driver stopped for ${ms} ms`;
}

function damage({ around, draws }: Scene, folders: readonly StateFolder[]): string | undefined {
  const [how, where] = [draws.between(0, 9), draws.between(0, 2 ** 31)];
  const path = draws.oneOf(folders.flatMap((folder) => around.files(folder)));
  // It may be replaced or removed at any time.
  const size = path === undefined ? undefined : statSync(path, { throwIfNoEntry: false })?.size;
  if (path === undefined || size === undefined || size === 0) return undefined;
  const name = basename(path);
  if (how === 0) {
    rmSync(path, { force: true });
    return `${name} removed`;
  }
  if (how < 4) return truncate(path, where % size) ? `${name} cut at ${where % size}` : undefined;
  return flipBit(path, where % size) ? `bit flipped in ${name} at ${where % size}` : undefined;
}

function tearJournal({ around, draws }: Scene): string | undefined {
  const [isCut, back] = [draws.isIn(0.6), draws.between(1, draws.between(1, 4000))];
  const path = around.journal();
  if (path === undefined || !existsSync(path)) return undefined;
  // Not the first line: without it, it is a journal of something else.
  const at = Math.max(firstLineEnd(path), statSync(path).size - back);
  if (at >= statSync(path).size) return undefined;
  if (isCut) truncateSync(path, at);
  else flipBit(path, at);
  return isCut ? `journal cut by ${back} bytes` : `bit flipped ${back} bytes before the journal's end`;
}

function firstLineEnd(path: string): number {
  const bytes = Buffer.alloc(1 << 16);
  const fd = openSync(path, 'r');
  const length = readSync(fd, bytes, 0, bytes.length, 0);
  closeSync(fd);
  const end = bytes.subarray(0, length).indexOf('\n');
  return end < 0 ? length : end + 1;
}

function truncate(path: string, size: number): boolean {
  try {
    truncateSync(path, size);
    return true;
  } catch {
    return false;
  }
}

/** In place, as a disk does it: the file is the same, and so are its size and its name. */
function flipBit(path: string, at: number): boolean {
  try {
    const fd = openSync(path, 'r+');
    const byte = Buffer.alloc(1);
    readSync(fd, byte, 0, 1, at);
    byte[0]! ^= 1 << (at % 8);
    writeSync(fd, byte, 0, 1, at);
    closeSync(fd);
    return true;
  } catch {
    return false;
  }
}

function signal(pid: number, name: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, name);
  } catch {
    return false;
  }
}

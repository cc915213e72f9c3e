// The faults of files: bits flip, ends are lost, files vanish, other things take their place, the disk is full, and the job or an input
// is edited.

import { closeSync, existsSync, openSync, readSync, statSync, truncateSync, writeSync } from 'node:fs';
import { basename } from 'node:path';

import { messageOf } from '../../src/errors.ts';
import { DAMAGES } from '../fixtures/damages.ts';
import type { Draws } from './draws.ts';
import type { Scene } from './scene.ts';
import { drawLine } from './setting.ts';
import type { DataFolder, Surroundings } from './surroundings.ts';

type Damage = (path: string, draws: Draws) => string | undefined;

/** A file that the run can make again. */
export function damageData({ around, draws }: Scene, folder: DataFolder): string | undefined {
  const damage = draws.oneOf([flipBit, flipBit, cut, damageInOneOfAllWays])!;
  return strikeOne(around, around.files(folder), draws, damage);
}

/** A small state file. */
export function damageStateFile({ around, draws }: Scene): string | undefined {
  const damage = draws.oneOf([flipBit, cut, damageInOneOfAllWays, damageInOneOfAllWays])!;
  return strikeOne(around, around.stateFiles(), draws, damage);
}

/** Mostly damages the end, as a crash does. Other damage is done only by a disk or a person. */
export function damageJournal({ around, draws }: Scene): string | undefined {
  const damage = draws.oneOf([cutEnd, flipNearEnd, flipNearEnd, flipBit, damageInOneOfAllWays])!;
  return strikeOne(around, around.journals(), draws, damage);
}

/** Edits a file that the job imports. It is restored when the driver has ended. */
export function editJob({ around }: Scene): string | undefined {
  return around.editJob() ? 'a file that the job imports edited' : undefined;
}

export function addToInput({ around: { inputs }, draws }: Scene): string {
  const [name, line] = [draws.oneOf(inputs.names)!, drawLine(draws)];
  inputs.append(name, line);
  return `${name} added to`;
}

/** Fills the disk until the driver has ended. */
export function fillDisk({ around: { disk }, draws }: Scene): string | undefined {
  const freeBytes = draws.between(0, 100_000);
  disk?.fill(freeBytes);
  return disk === undefined ? undefined : `disk full but for ${freeBytes} bytes`;
}

function strikeOne(
  { obstacles }: Surroundings,
  paths: readonly string[],
  draws: Draws,
  damage: Damage,
): string | undefined {
  const path = draws.oneOf(paths);
  const said = strike(path, draws, damage);
  if (path !== undefined && said !== undefined) obstacles.add(path);
  return said;
}

/** Damages a file that may be replaced or removed at any time, and may have been damaged before. */
function strike(path: string | undefined, draws: Draws, damage: Damage): string | undefined {
  const before = path === undefined ? undefined : statSync(path, { throwIfNoEntry: false });
  if (path === undefined || before?.isFile() !== true || before.size === 0 || before.size > 2 ** 30) return undefined;
  try {
    const said = damage(path, draws);
    return said === undefined ? undefined : `${basename(path)} ${said}`;
  } catch (error) {
    return existsSync(path) ? `${basename(path)} damaged, in part (${messageOf(error)})` : undefined;
  }
}

function damageInOneOfAllWays(path: string, draws: Draws): string {
  const [how, damage] = draws.oneOf(DAMAGES)!;
  damage(path);
  return how;
}

function cut(path: string, draws: Draws): string {
  const at = draws.between(0, statSync(path).size - 1);
  truncateSync(path, at);
  return `cut at ${at}`;
}

function cutEnd(path: string, draws: Draws): string {
  const back = Math.min(draws.between(1, draws.between(1, 4000)), statSync(path).size);
  truncateSync(path, statSync(path).size - back);
  return `cut by ${back} bytes`;
}

function flipNearEnd(path: string, draws: Draws): string {
  const { size } = statSync(path);
  return flipAt(path, Math.max(0, size - draws.between(1, draws.between(1, 4000))));
}

function flipBit(path: string, draws: Draws): string {
  return flipAt(path, draws.between(0, statSync(path).size - 1));
}

/** Flips a bit in place, as a disk does: the file keeps its inode, size and name. */
function flipAt(path: string, at: number): string {
  const fd = openSync(path, 'r+');
  try {
    const byte = Buffer.alloc(1);
    readSync(fd, byte, 0, 1, at);
    byte[0]! ^= 1 << (at % 8);
    writeSync(fd, byte, 0, 1, at);
    return `with a bit flipped at ${at}`;
  } finally {
    closeSync(fd);
  }
}

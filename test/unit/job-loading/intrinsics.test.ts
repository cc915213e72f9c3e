import { readFileSync, writeFileSync } from 'node:fs';

import { expect, onTestFinished, test } from 'vitest';

import type { AnswerLine } from '../../../src/protocol.ts';
import { Executor } from '../../../src/worker/executor.ts';
import { surround } from '../../fixtures/job-of-run.ts';
import { jobFile, PlannedRun } from '../../fixtures/planned-run.ts';

/** The one map task of a job that has `top` at its top level and `inMap` in its map. */
async function mapTask(top: string, inMap = ''): Promise<AnswerLine> {
  const plain = jobFile('map(line: string, { emit }) { /* map */ emit(line, 1); }, reduce: sum');
  const planned = await PlannedRun.make({ job: plain, texts: ['a\nb\n'], mapCount: 1, reduceCount: 1 });
  // The run was planned in this process, whose built-ins are unchanged.
  const text = `${readFileSync(plain, 'utf8').replace('/* map */', inMap)}\n${top}\n`;
  writeFileSync(plain, text);
  surround(planned.workspace, 'this-run', plain);
  const executor = new Executor();
  onTestFinished(() => executor.close());
  return executor.run({ kind: 'map', request: planned.request(0) });
}

test.for([
  ['Object.prototype.extra', 'Object.prototype.extra = 1;'],
  ['Object.prototype.get', "'get' in {} || Object.defineProperty(Object.prototype, 'get', { value: 1 });"],
  ['Array.prototype.map', 'Array.prototype.map = () => [];'],
  ['Array.prototype[Symbol(Symbol.iterator)]', 'Array.prototype[Symbol.iterator] = function* () {};'],
  ['Array.prototype[0]', "Array.prototype[0] = 'first';"],
  ['JSON.stringify', "JSON.stringify = () => 'x';"],
  ['Map.prototype.get', 'Map.prototype.get = () => 1;'],
  ['Map', 'globalThis.Map = class {} as never;'],
  ['Buffer', 'delete (globalThis as any).Buffer;'],
  ['Buffer.prototype.copy', 'Buffer.prototype.copy = () => 0;'],
  ['String.prototype.split', 'String.prototype.split = () => [];'],
  ['TypedArray.prototype.subarray', 'Object.getPrototypeOf(Uint8Array.prototype).subarray = () => new Uint8Array();'],
  ['ArrayIterator.prototype.next', 'Object.getPrototypeOf([].values()).next = () => ({ done: true });'],
  ['Map.prototype.size', "Object.defineProperty(Map.prototype, 'size', { get: () => 0 });"],
  ['Promise.prototype.then', 'Promise.prototype.then = function () { return this; } as never;'],
] as const)('a job that changes %s is named with it, while it loads and in its tasks', async ([name, change]) => {
  const changed = change.replaceAll(/^(\w+)\.prototype\.extra/g, '($1.prototype as any).extra');
  const failure = { kind: 'job', message: expect.stringContaining(name) as string };
  expect(await mapTask(changed)).toMatchObject({ type: 'failed', failure });
  expect(await mapTask('', changed)).toMatchObject({ type: 'failed', failure });
});

test.for([
  ['to arrays', 'Object.assign(Array.prototype, { last() { return this[this.length - 1]; } });'],
  ['a way to write a bigint as JSON', 'Object.assign(BigInt.prototype, { toJSON() { return String(this); } });'],
  ['a symbol to all objects', "Object.assign(Object.prototype, { [Symbol('mine')]: 1 });"],
  ['a global', 'Object.assign(globalThis, { mine: 1 });'],
  ['another clock and other dice', 'Date.now = () => 0; Math.random = () => 0.5; performance.now = () => 0;'],
  ['another writer of stacks', "Error.prepareStackTrace = () => 'somewhere'; Error.stackTraceLimit = 3;"],
] as const)('a job may add %s', async ([, change]) => {
  expect(await mapTask(change)).toMatchObject({ type: 'done' });
  expect(await mapTask('', change)).toMatchObject({ type: 'done' });
});

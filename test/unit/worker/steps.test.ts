import { expect, onTestFinished, test } from 'vitest';

import { Executor } from '../../../src/worker/executor.ts';
import { jobFile, PlannedRun } from '../../fixtures/planned-run.ts';
import { until } from '../../fixtures/until.ts';

/** Code that lets a thread pause for a moment. */
const PAUSE = 'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20)';

/** An executor at work on the first map task of a job, or on its reduce task. */
async function atWork(fields: string, kind: 'map' | 'reduce'): Promise<Executor> {
  const job = jobFile(fields);
  const planned = await PlannedRun.make({ job, texts: ['a\n'.repeat(50)], mapCount: 1, reduceCount: 1 });
  if (kind === 'reduce') await planned.runAndCommit('map', 0);
  const executor = new Executor();
  onTestFinished(() => executor.close());
  void executor.run({ kind, request: planned.request(0) });
  return executor;
}

/** Waits until an attempt has made progress several times within one record, or one key and one block. */
async function untilStepsAreSeen(executor: Executor): Promise<void> {
  const seen = new Set<string>();
  await until('there were steps', () => {
    const line = executor.progressLine();
    if (line.type === 'progress' && line.place !== undefined) seen.add(`${line.records} ${line.steps}`);
    return seen.size >= 4;
  });
  expect(new Set([...seen].map((line) => line.split(' ')[0])).size, [...seen].join()).toBe(1);
}

test.for([
  ['emits', 'emit', `for (;;) { emit('k', 1); ${PAUSE}; }`],
  ['yields', 'yield', ''],
  ['counts', 'count', `for (;;) { context.count('c'); ${PAUSE}; }`],
  ['prints', 'print', `for (;;) { console.log('.'); ${PAUSE}; }`],
  ['awaits timers', 'await', 'for (;;) await new Promise((done) => setTimeout(done, 20));'],
] as const)('a record that %s, again and again, makes progress', async ([, how, body]) => {
  const map =
    how === 'yield'
      ? `*map(_line: string): any { for (;;) { yield ['k', 1]; ${PAUSE}; } }`
      : `${how === 'await' ? 'async ' : ''}map(_line: string, { emit, ...context }: any): any { ${body} }`;
  await untilStepsAreSeen(await atWork(`${map}, reduce: sum`, 'map'));
});

test.for([
  ['draws values', `for (const _ of values) { ${PAUSE}; } return 1;`],
  ['emits', `for (;;) { emit('k', 1); ${PAUSE}; }`],
] as const)('a reduce that %s, again and again, makes progress', async ([, body]) => {
  const map = 'map(line: string, { emit }) { emit(line, 1); }';
  const reduce = `reduce(_key: string, values: Iterable<number>, { emit }): any { ${body} }`;
  await untilStepsAreSeen(await atWork(`${map}, ${reduce}`, 'reduce'));
});

test('a combiner that is called again and again makes progress', async () => {
  const map = `map(_line: string, { emit }: any) { for (let at = 0; ; at++) emit(at % 3 === 0 ? 'a' : 'b', [at]); }`;
  const combine = `combine(_key: string, values: Iterable<number[]>) { ${PAUSE}; return [...values].at(-1); }`;
  const executor = await atWork(`${map}, ${combine}, reduce: (_key: string, values: any) => [...values].at(-1)`, 'map');
  const seen = new Set<number | undefined>();
  await until('there were steps', () => {
    const line = executor.progressLine();
    if (line.type === 'progress') seen.add(line.steps);
    return seen.size >= 4;
  });
});

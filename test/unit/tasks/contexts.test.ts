import { expect, test } from 'vitest';

import { jobFile, PlannedRun } from '../../fixtures/planned-run.ts';

const LINES = Array.from({ length: 40 }, (_, at) => `line ${at}`);
const TEXT = `${LINES.join('\n')}\n`;

/** What a job has written of each record: in a run, and in a sequential one. */
async function outputsOf(map: string): Promise<string[][]> {
  const job = jobFile(`${map}, reduce: (_key, [value]) => value`);
  const planned = await PlannedRun.make({ job, texts: [TEXT], mapCount: 1, reduceCount: 1 });
  const run = (await planned.outputs()).join('').split('\n').slice(0, -1);
  const sequential = (await planned.sequential()).join('').split('\n').slice(0, -1);
  return [run, sequential];
}

const expected = LINES.map((line, index) => `${line}\t0.txt,${index},${TEXT.indexOf(`${line}\n`)}`).sort();

// More records than have a context of their own, of a map that waits and of one that does not.
test.for([
  ['taken apart', '*map(line: string, { file, index, offset }) { yield [line, [file, index, offset].join()]; }'],
  [
    'spread',
    '*map(line: string, context) { const { file, index, offset } = { ...context }; yield [line, [file, index, offset].join()]; }',
  ],
  [
    'read when map has waited',
    'async map(line: string, context) { await null; context.emit(line, [context.file, context.index, context.offset].join()); }',
  ],
])('the context of each record says where it is, however it is read: %s', async ([, map]) => {
  for (const output of await outputsOf(map!)) expect(output.sort()).toEqual(expected);
});

test('a context has the same properties for every record and key', async () => {
  const job = jobFile(
    '*map(line: string, context) { yield [Object.keys(context).sort().join(), 1]; }, reduce: (key, _values, context) => [[key, Object.keys(context).sort().join()]]',
  );
  const planned = await PlannedRun.make({ job, texts: [TEXT], mapCount: 1, reduceCount: 1 });
  const output =
    'attempt,count,emit,file,index,offset,offsetAt,params,runId,task\tattempt,count,emit,params,runId,task\n';
  expect(await planned.outputs()).toEqual([output]);
  expect(await planned.sequential()).toEqual([output]);
});

import { readFileSync } from 'node:fs';
import { crc32 } from 'node:zlib';

import { expect, test } from 'vitest';

import type { AttemptReport } from '../../../src/protocol.ts';
import { SortedFileReader } from '../../../src/shuffle/file/sorted-file-reader.ts';
import { runTask } from '../../../src/tasks/run-task.ts';
import { SharedProgress } from '../../../src/worker/shared-progress.ts';
import { jobFile, PlannedRun } from '../../fixtures/planned-run.ts';

const TEXT = Array.from({ length: 3000 }, (_, at) => `word${at} other${at % 7} é${at}\n`).join('');
const TEXTS = "*map(line: string) { yield [line, line]; }, reduce: (_key, values) => [...values].join('')";

/** Expects that a report contains the size and the checksum of the file. */
function expectOf(report: AttemptReport, path: string): void {
  const bytes = readFileSync(path);
  expect([report.bytesOut, report.checksum]).toEqual([bytes.length, crc32(bytes)]);
}

test.for([
  ['word-count', 1 << 20, false],
  ['word-count', 1 << 20, true],
  ['word-count', 20_000, false],
  ['inverted-index', 1 << 20, false],
  ['inverted-index', 20_000, true],
  [jobFileOfTexts, 1 << 16, false],
] as const)(
  'a report has the size and the checksum of the file that the attempt left: %s, %i bytes of buffer, compressed: %s',
  async ([job, mapBufferBytes, compressMapOutput]) => {
    const path = typeof job === 'string' ? job : job();
    const plan = { job: path, texts: [TEXT], mapCount: 1, reduceCount: 3, mapBufferBytes };
    const planned = await PlannedRun.make(plan);
    const { workspace } = planned;
    const mapped = await planned.runAndCommit('map', 0, { compressMapOutput });
    expectOf(mapped, workspace.mapOutput(0));
    if (mapBufferBytes < 1 << 20) expect(mapped.spills).toBeGreaterThan(2);
    using file = new SortedFileReader(workspace.mapOutput(0));
    expect(mapped.partitionBytes).toEqual(file.segments.map(({ bytes }) => bytes));
    for (let task = 0; task < 3; task++) {
      const reduced = await planned.runAndCommit('reduce', task, { compressMapOutput });
      expectOf(reduced, planned.output(task));
      expect(reduced.partitionBytes).toEqual([]);
    }
  },
);

function jobFileOfTexts(): string {
  return jobFile(TEXTS);
}

test('an output of many megabytes, with lines longer than the buffer, has the checksum of its file', async () => {
  const long = 'reduce: (key, values) => key.repeat(key.length > 3 ? 400_000 : 1000) + [...values].length';
  const planned = await PlannedRun.make({
    job: jobFile(`*map(line: string) { for (const word of line.split(' ')) yield [word, 1]; }, ${long}`),
    texts: ['a bb ccc ding a dong\n', ...Array.from({ length: 20 }, (_, at) => `long${at}\n`)],
    mapCount: 1,
    reduceCount: 1,
  });
  await planned.runAndCommit('map', 0);
  const report = await planned.runAndCommit('reduce', 0);
  expectOf(report, planned.output(0));
  expect(report.bytesOut).toBeGreaterThan(33 << 20);
});

test('the sizes of more than 1,000 partitions are not reported', async () => {
  const planned = await PlannedRun.make({ job: 'word-count', texts: [TEXT], mapCount: 1, reduceCount: 1001 });
  expect((await planned.run('map', 0)).partitionBytes).toEqual([]);
});

test('a reduce attempt reports while it runs how much of its partition it has read', async () => {
  class Watched extends SharedProgress {
    readonly seen: number[] = [];
    override beginKey(key: Buffer, length: number): void {
      this.seen.push(this.bytes);
      super.beginKey(key, length);
    }
  }
  const planned = await PlannedRun.make({ job: jobFile(TEXTS), texts: [TEXT.repeat(20)], mapCount: 2, reduceCount: 1 });
  const mapped = [await planned.runAndCommit('map', 0), await planned.runAndCommit('map', 1)];
  const progress = new Watched();
  const { bytesIn } = await runTask('reduce', planned.request(0), progress);
  const { seen } = progress;
  expect(bytesIn).toBe(mapped.reduce((sum, { partitionBytes }) => sum + partitionBytes[0]!, 0));
  expect(seen[0]).toBeGreaterThan(0);
  expect(seen[0]).toBeLessThan(bytesIn / 2);
  expect(seen).toEqual(seen.toSorted((a, b) => a - b));
  expect([seen.at(-1), progress.bytes]).toEqual([bytesIn, bytesIn]);
});

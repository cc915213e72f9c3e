// Simulates a full disk by a limit on the size of files: it has the same effect, and needs no right to mount a disk.
import { execFileSync } from 'node:child_process';
import { closeSync, existsSync, openSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { expect, test } from 'vitest';

import { SystemError } from '../../../src/errors.ts';
import type { AttemptFailure, AttemptReport, TaskRequest } from '../../../src/protocol.ts';
import type { TaskKind } from '../../../src/task-ids.ts';
import { WriteBuffer } from '../../../src/shuffle/file/write-buffer.ts';
import { jobFile, PlannedRun } from '../../fixtures/planned-run.ts';

const LIMITED_TASK = fileURLToPath(new URL('../../fixtures/limited-task.ts', import.meta.url));
/** The maximum size of an attempt's file. */
const LIMIT_BYTES = 256 * 1024;
const LINES = '*map(line: string) { for (let at = 0; at < 20; at++) yield [line + at, line]; }';
const TEXT = Array.from({ length: 3000 }, (_, at) => `line ${at}\n`).join('');

interface Outcome {
  readonly report?: AttemptReport;
  readonly failure?: AttemptFailure;
  /** The files of attempts that are left afterwards. */
  readonly left: readonly string[];
}

/** Runs a task in a process with a file size limit. The signal for exceeding it would end the process if it were not ignored. */
function runLimited(kind: TaskKind, request: TaskRequest): Outcome {
  // POSIX counts the limit in blocks of 512 bytes, bash in blocks of 1024.
  const command = `ulimit -f ${LIMIT_BYTES / 1024} && exec "$0" "$@"`;
  const args = [process.execPath, LIMITED_TASK, kind, JSON.stringify(request)];
  return JSON.parse(execFileSync('bash', ['-c', command, ...args], { encoding: 'utf8' })) as Outcome;
}

function expectFull({ failure, left }: Outcome, folder: string): void {
  expect(failure).toMatchObject({ kind: 'system' });
  expect(failure!.message).toMatch(/: expected room for [\d,]+ more bytes, found .* \(EFBIG\), [\d,]+ bytes free$/);
  expect(failure!.message.startsWith(`${folder}: `)).toBe(true);
  expect(left).toEqual([]);
}

test.for([
  ['a sorted file', 64 << 20, 16],
  ['a spill', 1 << 20, 16],
  ['the merge of spills', 150_000, 64],
  ['a pass of merges', 150_000, 2],
] as const)(
  'no room for %s fails the map task with the name of its folder, and leaves nothing',
  async ([, bytes, mergeFanIn]) => {
    const job = jobFile(`${LINES}, reduce: () => 1`);
    const plan = { job, texts: [TEXT], mapCount: 1, reduceCount: 2, mapBufferBytes: bytes };
    const planned = await PlannedRun.make(plan);
    expectFull(runLimited('map', { ...planned.request(0), mergeFanIn }), planned.workspace.attempts);
  },
);

test.for([
  [
    'even if reduce catches the error of emit',
    'reduce(key, values, { emit }) { try { emit(key, [...values]); } catch {} }',
  ],
  ['for lines that the kernel writes', 'reduce: identity'],
] as const)(
  'no room for an output fails the reduce task with the name of its folder, and leaves nothing: %s',
  async ([, reduce]) => {
    const job = jobFile(`${LINES}, ${reduce} });\nimport { identity } from 'http-mapreduce';\n(0, {`);
    const planned = await PlannedRun.make({ job, texts: [TEXT], mapCount: 1, reduceCount: 1 });
    await planned.runAndCommit('map', 0);
    expectFull(runLimited('reduce', planned.request(0)), planned.workspace.attempts);
  },
);

test('a task below the limit runs as usual', async () => {
  const job = jobFile('*map(line: string) { yield [line, 1]; }, reduce: sum');
  const planned = await PlannedRun.make({ job, texts: ['a\nb\n'], mapCount: 1, reduceCount: 1 });
  expect(runLimited('map', planned.request(0))).toMatchObject({
    report: { recordsIn: 2 },
    left: ['this-run.map-0.1'],
  });
});

test.skipIf(!existsSync('/dev/full'))('a full disk is reported at each write', () => {
  const fd = openSync('/dev/full', 'w');
  const file = new WriteBuffer(fd, { path: '/dev/full' });
  file.write(Buffer.alloc(5000));
  for (let time = 0; time < 2; time++) {
    const message = /^\/dev: expected room for 5,000 more bytes, found the disk full \(ENOSPC\), [\d,]+ bytes free$/;
    expect(() => file.flush()).toThrow(message);
  }
  expect(file.error).toBeInstanceOf(SystemError);
  file.release();
  closeSync(fd);
});

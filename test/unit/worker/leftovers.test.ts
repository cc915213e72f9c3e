// Work that a job leaves running in its thread after map or reduce has returned.

import { pbkdf2 } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { expect, onTestFinished, test } from 'vitest';

import type { AnswerLine, AttemptFailure } from '../../../src/protocol.ts';
import type { TaskKind } from '../../../src/task-ids.ts';
import { claimAttempt } from '../../../src/tasks/attempt.ts';
import { Executor } from '../../../src/worker/executor.ts';
import { commitFile } from '../../../src/driver/loop/commit-file.ts';
import { jobFile, PlannedRun } from '../../fixtures/planned-run.ts';

const busyThread = promisify(pbkdf2);

const IMPORTS = `
import { exec } from 'node:child_process';
import { pbkdf2, pbkdf2Sync, randomBytes } from 'node:crypto';
import { lookup } from 'node:dns';
import { openAsBlob, readFile, readFileSync } from 'node:fs';
import * as fsp from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { gzip, gzipSync } from 'node:zlib';
`;

/** Runs the tasks of a job in a separate thread. */
async function threadOf(fields: string): Promise<(kind: TaskKind) => Promise<AnswerLine>> {
  const job = jobFile(`${fields} } as any);\n${IMPORTS}\n(0, {`);
  const planned = await PlannedRun.make({ job, texts: ['a\nb\n'], mapCount: 1, reduceCount: 1 });
  const executor = new Executor();
  onTestFinished(() => executor.close());
  return async (kind) => {
    const request = planned.request(0);
    claimAttempt(kind, request);
    const line = await executor.run({ kind, request });
    const attempt = planned.workspace.attempt('this-run', `${kind}-0.1`);
    if (kind === 'map' && line.type === 'done')
      commitFile(attempt, planned.workspace.mapOutput(0), line.report.bytesOut);
    return line;
  };
}

function failureIn(line: AnswerLine): AttemptFailure {
  return line.type === 'failed' ? line.failure : expect.unreachable(JSON.stringify(line));
}

const REDUCE = 'reduce: (key, values) => [...values].length';

test.for([
  ['a timer', 'setTimeout(late, 60)'],
  ['a delay', 'void delay(60).then(late)'],
  ['a chain of timers', 'setTimeout(() => setTimeout(() => setImmediate(late), 20), 20)'],
  ['a file that is read', 'void fsp.readFile(import.meta.filename).then(late)'],
  ['a file that is read with a callback', 'readFile(import.meta.filename, late)'],
  ['a name that is looked up', "lookup('localhost', late)"],
  ['a computation in a thread pool', "pbkdf2('a', 'b', 50_000, 32, 'sha512', late)"],
  ['a compression', 'gzip(randomBytes(1 << 22), late)'],
  ['a process', "exec('sleep 0.05', late)"],
  ['a thread', "new Worker('setTimeout(() => {}, 50)', { eval: true }).on('exit', late)"],
  ['a computation of WebCrypto', "void crypto.subtle.digest('SHA-256', Buffer.alloc(1 << 24)).then(late)"],
  ['a Blob of a file', 'void openAsBlob(import.meta.filename).then((blob) => blob.text()).then(late)'],
  ['a compilation of WebAssembly', 'void WebAssembly.compile(Buffer.from([0, 97, 115, 109, 1, 0, 0, 0])).then(late)'],
  ['the end of everything else', "process.once('beforeExit', late)"],
  [
    'a chain of all of them',
    "void (async () => { await fsp.stat('/'); await delay(5); await fsp.readFile(import.meta.filename); late(); })()",
  ],
] as const)('a pair that %s leads to is waited for, and fails the attempt at its record', async ([, code]) => {
  const run = await threadOf(
    `map(line, { emit }) { if (line === 'b') { const late = () => emit(line, 1); ${code}; } }, ${REDUCE}`,
  );
  const failure = failureIn(await run('map'));
  expect(failure).toMatchObject({ kind: 'job', place: { file: '0.txt', slice: 0, offset: 2 } });
  expect(failure.message).toContain('map emitted the key "b" after it had returned');
});

test('a pair from a Blob whose reads take long, because all reading threads are busy, is waited for, also in the next attempt', async () => {
  // Several blocks.
  const file = fileURLToPath(new URL('../../../package-lock.json', import.meta.url));
  const code = `void openAsBlob(${JSON.stringify(file)}).then((blob) => blob.text()).then(late)`;
  const run = await threadOf(
    `map(line, { emit }) { if (line === 'b') { const late = () => emit(line, 1); ${code}; } }, ${REDUCE}`,
  );
  for (let attempt = 0; attempt < 2; attempt++) {
    // The threads for reading belong to the process: the reads of a Blob wait for these.
    const busy = Array.from({ length: 8 }, () => busyThread('a', 'b', 50_000, 32, 'sha512'));
    expect(failureIn(await run('map')).message).toContain('map emitted the key "b" after it had returned');
    await Promise.all(busy);
  }
});

test('a late pair of reduce is waited for, and fails the attempt at its key', async () => {
  const run = await threadOf(
    'map: (line) => [[line, 1]], reduce(key, values, { emit }) { setTimeout(() => emit(key, 1), 60); }',
  );
  expect(await run('map')).toMatchObject({ type: 'done' });
  const failure = failureIn(await run('reduce'));
  expect(failure).toMatchObject({ kind: 'job', place: { key: 'a' } });
  expect(failure.message).toContain('reduce emitted the key "a" after it had returned');
});

test('a late count is waited for, and counts', async () => {
  const run = await threadOf(`map(line, { emit, count }) { setTimeout(() => count('lines'), 60); }, ${REDUCE}`);
  expect(await run('map')).toMatchObject({ type: 'done', report: { counters: [['lines', 2]] } });
});

test('work that need not end does not delay an attempt, and neither does work that has ended', async () => {
  const run = await threadOf(
    `async map(line, { emit }) {
      setTimeout(() => {}, 60_000).unref();
      AbortSignal.timeout(60_000);
      clearTimeout(setTimeout(() => {}, 60_000));
      randomBytes(8);
      pbkdf2Sync('a', 'b', 1, 8, 'sha1');
      gzipSync('a');
      readFileSync(import.meta.filename);
      await new Promise((ended) => new Worker('', { eval: true }).on('exit', ended));
      await new Promise((ended) => exec('true', ended));
      await crypto.subtle.digest('SHA-1', Buffer.alloc(8));
      await Promise.all([delay(1), fsp.readFile(import.meta.filename), new Promise((done) => gzip('a', done))]);
      console.error('said');
      emit(line, 1);
    }, ${REDUCE} } as any);\nsetInterval(() => {}, 60_000);\n(0, {`,
  );
  const startMs = performance.now();
  expect(await run('map')).toMatchObject({ type: 'done' });
  expect(performance.now() - startMs).toBeLessThan(4500);
});

test('work that does not end is named, with the record that began it', async () => {
  const started = {
    'a timer': 'setInterval(() => {}, 1000)',
    'a process': "exec('sleep 20', () => emit(line, 1))",
    'a worker thread': "new Worker('setTimeout(() => {}, 20_000)', { eval: true }).on('exit', () => emit(line, 1))",
  };
  const ended = Object.entries(started).map(async ([what, code]) => {
    const run = await threadOf(`map(line, { emit }) { if (line === 'b') ${code}; }, ${REDUCE}`);
    return [what, failureIn(await run('map'))] as const;
  });
  for (const [what, failure] of await Promise.all(ended)) {
    expect(failure).toMatchObject({ kind: 'job', place: { file: '0.txt', slice: 0, offset: 2 } });
    expect(failure.message).toContain(
      `the job left ${what} running that had not ended 5 s after its last record or key; `,
    );
  }
}, 20_000);

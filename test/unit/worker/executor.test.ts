import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, onTestFinished, test } from 'vitest';

import { planChunks } from '../../../src/driver/inputs/chunker.ts';
import { ChunkFiles } from '../../../src/driver/inputs/chunk-files.ts';
import { lines } from '../../../src/formats/lines.ts';
import { type AnswerLine, DEFAULT_HEAP_BYTES } from '../../../src/protocol.ts';
import { Executor } from '../../../src/worker/executor.ts';
import { workspaceAt } from '../../../src/workspace/paths.ts';
import { beginRun } from '../../../src/workspace/run-lifecycle.ts';
import { inputFile } from '../../fixtures/input-files.ts';
import { digestOf, surround } from '../../fixtures/job-of-run.ts';
import { temporaryFolder } from '../../fixtures/temporary.ts';

type RunMap = (runId: string, task: number, heapBytes?: number) => Promise<AnswerLine>;

/** An executor that runs the map tasks of a job which emits its thread, and how often it was loaded. */
function executorAtWork(): { executor: Executor; runMap: RunMap } {
  const folder = temporaryFolder();
  const workspace = workspaceAt(join(folder, 'files'));
  const job = join(folder, 'job.ts');
  writeFileSync(
    job,
    `import { defineJob } from 'http-mapreduce';
    import { threadId } from 'node:worker_threads';
    let attempts = 0;
    export default defineJob({
      name: 'where',
      map(_line: string, context) {
        context.count('thread', threadId);
        context.count('attempts', ++attempts);
      },
      reduce: () => 0,
    });`,
  );
  const executor = new Executor();
  onTestFinished(() => executor.close());
  const runMap: RunMap = (runId, task, heapBytes = DEFAULT_HEAP_BYTES) => {
    if (task === 0) {
      beginRun(workspace, { id: runId, job, mapCount: 2, reduceCount: 1 });
      surround(workspace, runId, job);
      new ChunkFiles(
        workspace,
        planChunks([inputFile(folder, 'in.txt', 'a\nb\n')], lines(), 2),
        'copy',
        runId,
      ).writeAll();
    }
    const counts = { mapCount: 2, reduceCount: 1, mapBufferBytes: 1 << 20, mergeFanIn: 2, compressMapOutput: false };
    const rest = { heapBytes, generation: 0, careful: false, skip: [] };
    const which = { runId, driverId: runId, dir: workspace.dir, task, attempt: 1 };
    const request = { ...which, job: { path: job, digest: digestOf(job), params: {} }, ...counts, ...rest };
    return executor.run({ kind: 'map', request });
  };
  return { executor, runMap };
}

function countersOf(line: AnswerLine): Record<string, number> {
  return line.type === 'done' ? Object.fromEntries(line.report.counters) : expect.unreachable(JSON.stringify(line));
}

test('the attempts of a run share a thread, which loads the job once', async () => {
  const { runMap } = executorAtWork();
  const [first, second] = [countersOf(await runMap('run-1', 0)), countersOf(await runMap('run-1', 1))];
  expect(second['thread']).toBe(first['thread']);
  expect([first['attempts'], second['attempts']]).toEqual([1, 2]);
});

test('a new run gets a new thread, even if one was ready before', async () => {
  const { executor, runMap } = executorAtWork();
  executor.prepare();
  const first = countersOf(await runMap('run-1', 0));
  executor.prepare();
  const second = countersOf(await runMap('run-2', 0));
  expect(second['thread']).not.toBe(first['thread']);
  expect([first['attempts'], second['attempts']]).toEqual([1, 1]);
});

test('the next run gets the thread that was prepared', async () => {
  const { executor, runMap } = executorAtWork();
  const before = countersOf(await runMap('run-1', 0))['thread']!;
  executor.prepare();
  executor.prepare();
  expect(countersOf(await runMap('run-2', 0))['thread']).toBe(before + 1);
});

test('an attempt with another heap limit gets a new thread', async () => {
  const { executor, runMap } = executorAtWork();
  executor.prepare();
  const first = countersOf(await runMap('run-1', 0, 512 << 20));
  const second = countersOf(await runMap('run-1', 1));
  expect(second['thread']).not.toBe(first['thread']);
  expect([first['attempts'], second['attempts']]).toEqual([1, 1]);
});

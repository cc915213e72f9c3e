// Tests what programs can see of a run: /status, /events and /metrics while it runs, its report and its trace afterwards.

import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, onTestFinished } from 'vitest';
import * as v from 'valibot';

import type { JournalLine } from '../../src/scheduler/journal.ts';
import { applyChange, type RunChange, type RunRecord } from '../../src/view/record.ts';
import { RunView } from '../../src/view/fold.ts';
import { momentOf } from '../../src/view/moment.ts';
import { Status } from '../../src/api/status.ts';
import { eventsOf } from '../fixtures/event-reader.ts';
import { HOLDING } from '../fixtures/paths.ts';
import { holdPort } from '../fixtures/ports.ts';
import type { RunningCommand } from '../fixtures/running-command.ts';
import { type Scratch, succeeded, test } from '../fixtures/scratch.ts';
import { library } from '../fixtures/texts.ts';

/** Starts a run whose second map task waits, and returns the URL of its driver. */
async function heldRun(scratch: Scratch, ...more: readonly string[]): Promise<{ driver: RunningCommand; url: string }> {
  const held = ['--job', HOLDING, '--param', 'hold=map-1.1', '--param', `gate=${scratch.dir}`];
  const args = ['-N', '4', '-M', '2', '-W', '2', '--no-backup', '--port', String(scratch.port + 4)];
  const driver = scratch.drive([...args, ...held, ...more, ...library(scratch)]);
  const [, url] = await driver.line(/^the driver listens at ([^;]+);/);
  await driver.line(/map-1\.1 waits in process/);
  return { driver, url: url! };
}

/** Lets the held task continue. */
function open(scratch: Scratch): void {
  writeFileSync(join(scratch.dir, 'map-1.1'), '');
}

/** The record in a report. */
function recordIn(path: string): RunRecord {
  const [, journal] = /<script type="application\/x-ndjson" id="journal">([^<]*)</.exec(readFileSync(path, 'utf8'))!;
  return RunView.of(
    journal!
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as JournalLine),
  ).record;
}

describe('during a run', () => {
  test('/status has the task of each worker, and what is done', async ({ scratch }) => {
    const { driver, url } = await heldRun(scratch);
    const status = v.parse(Status, await (await fetch(`${url}/status`)).json());
    expect(status.state).toBe('map');
    expect(status.tasks.reduce).toEqual({ pending: 2, running: 0, completed: 0, failed: 0 });
    const [busy, ...others] = status.workers.filter((worker) => worker.currentAttempt === 'map-1.1');
    expect(others).toEqual([]);
    expect(busy).toMatchObject({ status: 'busy', currentTask: 'map-1', restarts: 0 });
    expect(busy!.lastSeen).toBeGreaterThan(status.run.startedAt);
    expect(status.events.map(({ text }) => text)).toContain('4 chunks written');
    const metrics = await (await fetch(`${url}/metrics`)).text();
    expect(metrics).toContain('mapreduce_tasks{kind="reduce",state="waiting"} 2');
    open(scratch);
    succeeded(await driver.finished);
  });

  test('/events sends the whole record first, also to a reader that reconnects, then each change, and finally the end', async ({
    scratch,
  }) => {
    const { driver, url } = await heldRun(scratch);
    const gone = new AbortController();
    for await (const { event, id } of eventsOf(`${url}/events`, gone.signal)) {
      expect(event).toBe('snapshot');
      expect(Number(id)).toBeGreaterThan(0);
      break;
    }
    gone.abort();

    let record: RunRecord | undefined;
    const seen: string[] = [];
    for await (const { event, data } of eventsOf(`${url}/events`)) {
      seen.push(event);
      if (event === 'snapshot') {
        ({ record } = JSON.parse(data) as { record: RunRecord });
        open(scratch);
      } else if (event === 'change') {
        record = applyChange(record!, (JSON.parse(data) as { change: RunChange }).change);
      }
    }
    const { stdout } = succeeded(await driver.finished);
    expect(stdout).toContain('done in');
    expect([seen[0], seen.at(-1)]).toEqual(['snapshot', 'end']);
    expect(record).toEqual(recordIn(join(scratch.state, 'history', record!.run.id, 'report.html')));
    const { phases, phase } = momentOf(record!, record!.endedMs!);
    expect([phase, phases.map.committed, phases.reduce.committed]).toEqual(['done', 4, 2]);
  });

  test('a driver whose port is in use reports that, and the port that it takes instead', async ({ scratch }) => {
    const held = await holdPort(scratch.port + 4);
    onTestFinished(() => void held.close());
    const { driver, url } = await heldRun(scratch);
    const { port } = new URL(url);
    expect(driver.said).toContain(
      `port ${scratch.port + 4} is held by something else; the driver itself takes ${port}`,
    );
    expect((await fetch(`${url}/status`)).status).toBe(200);
    open(scratch);
    succeeded(await driver.finished);
  });

  test('a request by another host name, or with a method that changes something, is refused', async ({ scratch }) => {
    const { driver, url } = await heldRun(scratch);
    const { request } = await import('node:http');
    const statusOf = (path: string, method: string, host: string): Promise<number> =>
      new Promise((resolve, reject) => {
        const asked = request(`${url}${path}`, { method, headers: { host } }, (answer) => {
          answer.resume().once('end', () => resolve(answer.statusCode!));
        });
        asked.on('error', reject).end();
      });
    const { host } = new URL(url);
    for (const path of ['/', '/status', '/events', '/metrics', '/health']) {
      expect(await statusOf(path, 'GET', 'rebound.example'), path).toBe(403);
      for (const method of ['POST', 'PUT', 'DELETE']) expect(await statusOf(path, method, host), path).toBe(405);
    }
    for (const path of ['/', '/status', '/metrics', '/health']) {
      expect(await statusOf(path, 'GET', host), path).toBe(200);
      expect(await statusOf(path, 'HEAD', host), path).toBe(200);
    }
    // A HEAD request for the stream gets its answer at once.
    expect(await statusOf('/events', 'HEAD', host)).toBe(200);
    open(scratch);
    succeeded(await driver.finished);
  });
});

describe('after a run', () => {
  test('the report and the trace of a run can be written again from its journal, and are the same', async ({
    scratch,
  }) => {
    const run = succeeded(await scratch.run(['--trace', 'trace.json', '-N', '3', '-M', '2', ...library(scratch)]));
    const [, path] = /^report: (.+)$/m.exec(run.stderr)!;
    const report = join(scratch.dir, path!);
    const before = recordIn(report);
    expect(existsSync(join(scratch.dir, 'trace.json'))).toBe(true);
    rmSync(report);

    const again = succeeded(await scratch.start(['report', '--trace', 'again.json']).finished);
    expect(again.stdout.trim()).toBe(report);
    expect(recordIn(report)).toEqual(before);
    expect(readFileSync(join(scratch.dir, 'again.json'), 'utf8')).toBe(
      readFileSync(join(scratch.dir, 'trace.json'), 'utf8'),
    );
  });

  test('a run that has failed has a report as well, with the failure', async ({ scratch }) => {
    scratch.write(
      'bad.ts',
      `import { defineJob } from 'http-mapreduce';
      export default defineJob({ name: 'bad', map(line: string) { throw new Error('no good'); }, reduce: () => 1 });`,
    );
    const run = await scratch.run(['--job', 'bad.ts', '--max-attempts', '1', ...library(scratch)]);
    expect(run.exitCode).toBe(3);
    const record = recordIn(join(scratch.dir, /^report: (.+)$/m.exec(run.stderr)![1]!));
    expect(record.outcome).toMatchObject({ state: 'failed', text: expect.stringContaining('no good') as string });
    expect(record.failedTasks).toHaveLength(1);
  });

  test('a trace that cannot be written is refused before the run', async ({ scratch }) => {
    const run = await scratch.run(['--trace', 'nowhere/trace.json', ...library(scratch)]);
    expect(run.exitCode).toBe(2);
    expect(run.stderr).toContain('--trace nowhere/trace.json: expected a file in a folder that is there');
    const report = await scratch.start(['report']).finished;
    expect([report.exitCode, report.stderr]).toEqual([
      2,
      'mapreduce: report: expected a run in files, found none; mapreduce run leaves one\n',
    ]);
    expect((await scratch.start(['report', 'x']).finished).exitCode).toBe(2);
  });
});

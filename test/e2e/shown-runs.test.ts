// Tests how a run is shown while it runs: live bars on a terminal, lines and status blocks in a pipe, logs, JSON, or nothing.

import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import * as v from 'valibot';
import { describe, expect } from 'vitest';

import type { RunResult } from '../../src/run-result.ts';
import { ResultSchema } from '../fixtures/result-schema.ts';
import { HOLDING, MISBEHAVING } from '../fixtures/paths.ts';
import type { RunningCommand } from '../fixtures/running-command.ts';
import { type Scratch, succeeded, test } from '../fixtures/scratch.ts';
import { ESC, HAS_TERMINAL, screenOf, startInTerminal } from '../fixtures/terminal.ts';
import { countWords } from '../fixtures/texts.ts';

const TEXT = 'one two\ntwo three\nthree three\n';
const COLOUR = new RegExp(`${ESC}\\[3\\d`);

/** A run in a terminal whose map-0.1 waits. */
function heldInTerminal(scratch: Scratch, options: Parameters<typeof startInTerminal>[2] = {}): RunningCommand {
  scratch.write('text.txt', TEXT);
  const hold = ['--no-backup', '--job', HOLDING, '--param', 'hold=map-0.1'];
  const ports = ['--worker-port', String(scratch.port), '--port', String(scratch.port + 7)];
  return startInTerminal(
    scratch,
    ['run', '--fresh', ...ports, '-N', '3', '-M', '1', '-W', '2', ...hold, 'text.txt'],
    options,
  );
}

async function pidIn(run: RunningCommand): Promise<number> {
  const [, pid] = await run.line(/^pid (\d+)$/);
  return Number(pid);
}

describe.runIf(HAS_TERMINAL)('on a terminal', () => {
  test('bars are live, lines that matter are above them, and the summary follows', async ({ scratch }) => {
    const run = heldInTerminal(scratch, { columns: 120 });
    const [, pid] = await run.line(/\[worker \d\] map-0\.1 waits in process (\d+)$/);
    await run.line(/map +.*█.*2 of 3/);
    await run.line(/1 reduce task waits for map-0\.1 on worker \d, running for [\d.]+ m?s\./);
    await run.line(/watch the run at http:\/\/127\.0\.0\.1:\d+/);
    process.kill(Number(pid), 'SIGKILL');
    const { exitCode, stderr } = await run.finished;

    expect(exitCode, stderr).toBe(0);
    expect(stderr).toMatch(COLOUR);
    const seen = screenOf(stderr, 120).join('\n');
    expect(seen).toMatch(
      new RegExp(
        [
          '^pid \\d+',
          'holding over 1 file, 30 B: 3 map tasks, 1 reduce task, 2 workers, spawned here',
          '\\[worker \\d\\] map-0\\.1 waits in process \\d+',
          'worker (\\d) lost: its process ended with SIGKILL; it had map-0\\.1, which will be tried again',
          'worker \\1 replaced: a new process is started, restart 1 of 5',
          '(?:worker \\1 ready at \\S+, process \\d+\n)?chunk   █{30}  3 of 3',
          'map     █{30}  3 of 3',
          'reduce  █{30}  1 of 1',
          'done in [\\d.]+ s: holding over 1 file, 30 B',
        ].join('\n'),
      ),
    );
    expect(seen).toContain(
      '  on the way: 1 worker lost, 0 attempts failed\n    1 time: its process ended with SIGKILL\n    retries: 1\n',
    );
    // The cursor is visible again.
    expect(stderr.lastIndexOf('\u001B[?25h')).toBeGreaterThan(stderr.lastIndexOf('\u001B[?25l'));
    expect(scratch.output()).toBe(countWords([TEXT]));
  });

  test('Ctrl-C leaves the bars where they were, and the cursor', async ({ scratch }) => {
    const run = heldInTerminal(scratch);
    const pid = await pidIn(run);
    await run.line(/map +.*█.*2 of 3/);
    process.kill(pid, 'SIGINT');
    const { exitCode, stderr } = await run.finished;
    expect(exitCode, stderr).toBe(130);
    const seen = screenOf(stderr);
    const end = seen.findIndex((line) => line.startsWith('mapreduce: interrupted by SIGINT'));
    expect(seen.slice(end - 4, end)).toEqual([
      'interrupted by SIGINT',
      expect.stringMatching(/^chunk {3}█{22} {2}3 of 3$/),
      expect.stringMatching(/^map {5}█+░+ {2}2 of 3$/),
      expect.stringMatching(/^reduce {2}░{22} {2}0 of 1$/),
    ]);
    expect(stderr.lastIndexOf('\u001B[?25h')).toBeGreaterThan(stderr.lastIndexOf('\u001B[?25l'));
  });

  test('bars have no colour with NO_COLOR, and are not shown in CI, on a dumb terminal and on one without a size', async ({
    scratch,
  }) => {
    const held = async (env: NodeJS.ProcessEnv, line: RegExp, columns = 120): Promise<string> => {
      const run = heldInTerminal(scratch, { env, columns });
      const pid = await pidIn(run);
      await run.line(line);
      process.kill(pid, 'SIGINT');
      return (await run.finished).stderr;
    };
    const bare = await held({ NO_COLOR: '1' }, /map +█+░+ {2}2 of 3/);
    expect(bare).not.toMatch(COLOUR);
    for (const [env, columns] of [[{ CI: 'true' }], [{ TERM: 'dumb' }], [{}, 0]] as const) {
      const lines = await held(env, /^map [12] of 3 tasks committed$/, columns);
      expect(lines).not.toContain('█');
      expect(lines).not.toContain('\u001B');
    }
  });

  test('nothing from data or jobs reaches the terminal as a command', async ({ scratch }) => {
    scratch.write('text.txt', '\u001B[2J\u0007red\n');
    const job = scratch.write(
      'shouting.ts',
      `import { writeSync } from 'node:fs';
      import { defineJob, sum } from 'http-mapreduce';
      export default defineJob({
        name: 'shouting',
        params: { fails: '' },
        map(line: string, { emit, params }) {
          writeSync(2, 'said ' + line + '\\n');
          if (params.fails !== '') throw new Error('failed at ' + line);
          emit(line, 1);
        },
        reduce: sum,
      });`,
    );
    const args = [
      'run',
      '--worker-port',
      String(scratch.port),
      '-N',
      '1',
      '-M',
      '1',
      '-W',
      '1',
      '--job',
      job,
      'text.txt',
    ];
    const done = await startInTerminal(scratch, args).finished;
    expect(done.exitCode, done.stderr).toBe(0);
    expect(done.stderr).toContain('] said \\x1b[2J\\x07red');
    expect(done.stderr).toMatch(/^ +1 {2}\\x1b\[2J\\x07red/m);
    const failed = await startInTerminal(scratch, [...args, '--fresh', '--param', 'fails=yes', '--max-attempts', '1'])
      .finished;
    expect(failed.exitCode, failed.stderr).toBe(3);
    expect(failed.stderr).toContain('failed at \\x1b[2J\\x07red');
    const shown = await startInTerminal(scratch, ['show', 'files/chunks/chunk_0.msgpack']).finished;
    expect(shown.stderr).toContain('\\x1b[2J\\x07red');
    for (const { stderr } of [done, failed, shown]) {
      expect(stderr).not.toContain('\u001B[2J');
      expect(stderr).not.toContain('\u0007');
    }
  });

  test('a log on a terminal is text, with colours', async ({ scratch }) => {
    scratch.write('text.txt', TEXT);
    const run = startInTerminal(scratch, [
      'run',
      '--worker-port',
      String(scratch.port),
      '--log-level',
      'info',
      'text.txt',
    ]);
    const { exitCode, stderr } = await run.finished;
    expect(exitCode, stderr).toBe(0);
    const seen = screenOf(stderr);
    expect(seen).toContainEqual(expect.stringMatching(/^\[\d\d:\d\d:\d\d\.\d{3}\] INFO: worker 1 ready at /));
    expect(seen.join('\n')).not.toContain('█');
    expect(stderr).toMatch(COLOUR);
  });
});

test('in a pipe, a block every 10 s shows how the run stands and what it waits for', async ({ scratch }) => {
  scratch.write('text.txt', TEXT);
  mkdirSync(join(scratch.dir, 'gate'));
  const hold = ['--no-backup', '--job', HOLDING, '--param', 'hold=map-0.1', '--param', 'gate=gate'];
  const run = scratch.drive(['-N', '3', '-M', '1', '-W', '2', ...hold, 'text.txt']);
  await run.line(/^after \d+\.\d s: 1 (busy, 1 idle|idle, 1 busy)$/);
  await run.line(/^ {2}map {5}0 waiting, 1 running, 2 committed, 0 failed, \d+ %/);
  await run.line(/^ {2}reduce {2}1 waiting, 0 running, 0 committed, 0 failed$/);
  await run.line(
    /^ {2}worker \d {2}busy with map-0\.1, 0 B read, without progress for \d+\.\d s, given up in [\w ]+; seen \d+(?:\.\d+ s| ms) ago, process \d+$/,
  );
  await run.line(/^ {2}worker \d {2}idle; seen \d+\.\d s ago, process \d+$/);
  await run.line(
    /^ {2}1 reduce task waits for map-0\.1 on worker \d, without progress for \d+\.\d s, given up in [\w ]+\.$/,
  );
  scratch.write('gate/map-0.1', '');
  const { stderr } = succeeded(await run.finished);
  expect(stderr).not.toContain('\u001B');
});

describe('--quiet', () => {
  test('--quiet prints only the paths of the output', async ({ scratch }) => {
    scratch.write('text.txt', TEXT);
    const { stdout, stderr } = await scratch.done(['--quiet', '-M', '2', '-W', '1', '--verify', 'text.txt']);
    expect(stdout).toBe('output: files/out/out-0 … files/out/out-1\n');
    expect(stderr).toBe('');
  });

  test('--quiet does not hide errors', async ({ scratch }) => {
    scratch.write('text.txt', '!throw\n');
    const { exitCode, stdout, stderr } = await scratch.run(['--quiet', '-W', '1', '--job', MISBEHAVING, 'text.txt']);
    expect(exitCode).toBe(3);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/^mapreduce: map-0 failed on worker 1/);
  });
});

describe('--json', () => {
  const resultIn = (stdout: string): RunResult => {
    expect(stdout).toMatch(/^[^\n]+\n$/);
    return v.parse(ResultSchema, JSON.parse(stdout));
  };

  test('--json writes one object to stdout, and the narration to stderr', async ({ scratch }) => {
    scratch.write('text.txt', TEXT);
    const { stdout, stderr } = await scratch.done(['--json', '-N', '3', '-M', '2', '-W', '1', '--verify', 'text.txt']);
    expect(stderr).toContain('map 3 of 3 tasks committed');
    expect(resultIn(stdout)).toMatchObject({
      outcome: 'done',
      job: 'word-count',
      input: { files: 1, bytes: TEXT.length },
      workers: 1,
      phases: {
        chunk: { chunks: 3 },
        map: { tasks: 3, bytesIn: TEXT.length, slowest: { task: expect.stringMatching(/^map-\d$/) } },
        reduce: { tasks: 2, recordsOut: 3 },
      },
      retries: { count: 0, workersLost: 0, attemptsFailed: 0, causes: [] },
      outputs: [join(scratch.state, 'out/out-0'), join(scratch.state, 'out/out-1')],
      verifiedLines: 3,
    });
  });

  test('--json also writes an object for a run that fails, with the reason and the usual exit code', async ({
    scratch,
  }) => {
    scratch.write('text.txt', '!throw\n');
    const args = ['--json', '--quiet', '-N', '1', '-W', '1', '--max-attempts', '2', '--job', MISBEHAVING, 'text.txt'];
    const { exitCode, stdout, stderr } = await scratch.run(args);
    expect(exitCode).toBe(3);
    const { error } = resultIn(stdout);
    expect(stderr).toBe(`mapreduce: ${error?.message}\n`);
    expect(resultIn(stdout)).toMatchObject({
      outcome: 'failed',
      error: {
        kind: 'job',
        exitCode: 3,
        message: expect.stringMatching(/^map-0 failed on worker 1, attempt 2 of 2 at /),
      },
      retries: { count: 1, attemptsFailed: 2 },
      outputs: [],
    });
  });

  test('--json also writes an object for a run that cannot begin', async ({ scratch }) => {
    const { exitCode, stdout } = await scratch.run(['--json', 'missing.txt']);
    expect(exitCode).toBe(2);
    expect(resultIn(stdout)).toEqual({
      outcome: 'failed',
      error: { kind: 'usage', exitCode: 2, message: expect.stringContaining('missing.txt') },
      durationMs: expect.any(Number),
    });
  });
});

describe('logs', () => {
  const entriesIn = (text: string): Record<string, unknown>[] =>
    text
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as Record<string, unknown>);

  test('--log-file appends every event as JSON, besides the narration', async ({ scratch }) => {
    scratch.write('text.txt', TEXT);
    const run = ['--log-file', 'run.log', '-N', '2', '-M', '1', '-W', '1', 'text.txt'];
    const { stderr } = await scratch.done(run);
    expect(stderr).toContain('map 2 of 2 tasks committed');
    const text = readFileSync(join(scratch.dir, 'run.log'), 'utf8');
    const entries = entriesIn(text);
    for (const entry of entries) {
      expect(entry).toMatchObject({
        level: expect.stringMatching(/^(debug|info)$/),
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
        runId: entries[0]!['runId'],
        event: expect.any(String),
        msg: expect.stringMatching(/./),
      });
    }
    const events = entries.map(({ event }) => event);
    expect([events[0], events.at(-1)]).toEqual(['planned', 'end']);
    expect(entries).toContainEqual(
      expect.objectContaining({ event: 'attempt-succeeded', task: 'map-1', attempt: 'map-1.1', worker: 1 }),
    );

    await scratch.done([...run, '--quiet', '--log-level', 'warn']);
    expect(readFileSync(join(scratch.dir, 'run.log'), 'utf8'), 'no warnings').toBe(text);
    await scratch.done([...run, '--quiet']);
    expect(readFileSync(join(scratch.dir, 'run.log'), 'utf8').startsWith(text)).toBe(true);
  });

  test('--log-level alone writes the log to stderr instead of the narration', async ({ scratch }) => {
    scratch.write('text.txt', TEXT);
    const { stdout, stderr } = await scratch.done(['--log-level', 'info', '-W', '1', 'text.txt']);
    expect(new Set(entriesIn(stderr).map(({ level }) => level))).toEqual(new Set(['info']));
    expect(stdout).toMatch(/^done in /);
  });

  test.runIf(process.platform === 'linux')(
    'a log or a trace that cannot be written does not end the run, but is reported, and is an error in the end',
    async ({ scratch }) => {
      scratch.write('text.txt', TEXT);
      for (const flag of ['--log-file', '--trace']) {
        const args = ['--fresh', '--quiet', flag, '/dev/full', '-W', '1', 'text.txt'];
        const { exitCode, stdout, stderr } = await scratch.run(args);
        expect.soft(exitCode, stderr).toBe(6);
        expect.soft(stderr).toMatch(new RegExp(`^mapreduce: ${flag} /dev/full: .*the run is done.*\\n`, 'm'));
        expect.soft(stdout).toMatch(/^output: /);
        const json = await scratch.run([...args, '--json']);
        expect.soft(json.exitCode).toBe(6);
        expect.soft(JSON.parse(json.stdout)).toMatchObject({ outcome: 'done', error: { kind: 'system', exitCode: 6 } });
        expect.soft(scratch.files().filter((name) => name.endsWith('report.html'))).not.toEqual([]);
      }
    },
  );
});

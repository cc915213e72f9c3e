// Tests that workers come and go: `mapreduce worker` joins a running driver, sends heartbeats, and leaves in order.

import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { hostname } from 'node:os';

import { describe, expect, onTestFinished } from 'vitest';

import { planChunks } from '../../src/driver/inputs/chunker.ts';
import { ChunkFiles } from '../../src/driver/inputs/chunk-files.ts';
import type { Member } from '../../src/driver/door/registry.ts';
import { lines } from '../../src/formats/lines.ts';
import { PROTOCOL, type TaskRequest } from '../../src/protocol.ts';
import { workspaceAt } from '../../src/workspace/paths.ts';
import { beginRun } from '../../src/workspace/run-lifecycle.ts';
import { DriverServer } from '../fixtures/driver-server.ts';
import { inputFile } from '../fixtures/input-files.ts';
import { HOLDING } from '../fixtures/paths.ts';
import { freePorts, holdPort } from '../fixtures/ports.ts';
import type { CommandOptions, RunningCommand } from '../fixtures/running-command.ts';
import { type Scratch, test } from '../fixtures/scratch.ts';
import { signedConnection } from '../fixtures/signed.ts';
import { expectOnlyChallenged, Stranger } from '../fixtures/stranger.ts';
import { until } from '../fixtures/until.ts';
import { digestOf, surround } from '../fixtures/job-of-run.ts';

const TOKEN = 'a-token-of-these-tests';
const WITH_TOKEN: Partial<CommandOptions> = { env: { MAPREDUCE_TOKEN: TOKEN } };

/** Starts a worker that joins the driver on the test's first port. It listens on the second port, or the next free one. */
function worker(scratch: Scratch, args: readonly string[] = [], options = WITH_TOKEN): RunningCommand {
  const place = ['--join', `http://127.0.0.1:${scratch.port}`, '--worker-port', String(scratch.port + 1)];
  return scratch.start(['worker', ...place, ...args], options);
}

/** Returns the request for an attempt of a map task in a run of one input line. */
function mapRequest(scratch: Scratch, params: Record<string, string> = {}): TaskRequest {
  const workspace = workspaceAt(scratch.state);
  beginRun(workspace, { id: 'run-1', job: HOLDING, mapCount: 1, reduceCount: 1 });
  surround(workspace, 'run-1', HOLDING);
  new ChunkFiles(
    workspace,
    planChunks([inputFile(scratch.dir, 'in.txt', 'a b a\n')], lines(), 1),
    'copy',
    'run-1',
  ).writeAll();
  return {
    runId: 'run-1',
    driverId: 'run-1',
    dir: workspace.dir,
    job: { path: HOLDING, digest: digestOf(HOLDING), params },
    mapCount: 1,
    reduceCount: 1,
    task: 0,
    attempt: 1,
    mapBufferBytes: 1 << 20,
    mergeFanIn: 2,
    compressMapOutput: false,
    heapBytes: 1 << 30,
    generation: 0,
    careful: false,
    skip: [],
  };
}

async function post(url: string, request: TaskRequest): Promise<{ status: number; last: string }> {
  const asked = { method: 'POST', path: '/map', body: JSON.stringify(request) } as const;
  const { status, body } = await signedConnection(url, 'worker', TOKEN).request(asked);
  return { status, last: body.trimEnd().split('\n').at(-1) ?? '' };
}

function only(driver: DriverServer): Member {
  const [member, ...others] = driver.members.values();
  return member !== undefined && others.length === 0 ? member : expect.unreachable();
}

describe('a worker that joins', () => {
  test('a worker that joins registers under a readable name, sends heartbeats, runs tasks, and ends on SIGTERM', async ({
    scratch,
  }) => {
    const driver = await DriverServer.on(scratch.port, TOKEN);
    const joining = worker(scratch);
    const [, name] = await joining.line(/^joined http:\/\/127\.0\.0\.1:\d+ as ([a-z]+-[a-z]+-\d+)$/);
    const first = only(driver);
    const firstMs = driver.lastNoticeMs;
    expect(driver.reports).toEqual([`joined ${name}`]);
    expect(first).toMatchObject({
      name,
      url: `http://127.0.0.1:${scratch.port + 1}`,
      pid: joining.pid,
      host: hostname(),
      state: 'here',
    });
    expect(await post(first.url, mapRequest(scratch))).toMatchObject({
      status: 200,
      last: expect.stringContaining('done'),
    });

    const between = await driver.seen(() => {
      const ms = driver.lastNoticeMs - firstMs;
      return ms > 0 && ms;
    });
    expect(between).toBeGreaterThan(2900);
    expect(between).toBeLessThan(9000);
    expect(driver.reports, 'the worker is the same').toEqual([`joined ${name}`]);

    joining.signal('SIGTERM');
    const { exitCode, stderr } = await joining.finished;
    expect(exitCode, stderr).toBe(0);
    expect(driver.reports).toEqual([`joined ${name}`, `leaving ${name}`, `left ${name}`]);
  });

  test('a worker announces at once that it is leaving, ends its task, takes no other, and exits', async ({
    scratch,
  }) => {
    const driver = await DriverServer.on(scratch.port, TOKEN);
    const joining = worker(scratch, ['--name', 'calm-wren-7']);
    await driver.report('joined calm-wren-7');
    const { url } = only(driver);
    const request = mapRequest(scratch, { hold: 'map-0.1', gate: join(scratch.dir, 'gate') });
    const running = post(url, request);
    await joining.line(/map-0\.1 waits/);

    joining.signal('SIGTERM');
    await driver.report('leaving calm-wren-7');
    expect(await post(url, { ...request, attempt: 2 })).toMatchObject({ status: 409 });
    const before = driver.lastNoticeMs;
    await driver.seen(() => driver.lastNoticeMs > before);
    expect(only(driver).state, 'heartbeats continue').toBe('leaving');
    expect(joining.ended).toBe(false);

    scratch.write('gate/map-0.1', '');
    expect((await running).last).toContain('"type":"done"');
    expect((await joining.finished).exitCode).toBe(0);
    expect(driver.reports).toEqual(['joined calm-wren-7', 'leaving calm-wren-7', 'left calm-wren-7']);
  });

  test('a worker ends at once on a second signal', async ({ scratch }) => {
    const driver = await DriverServer.on(scratch.port, TOKEN);
    const joining = worker(scratch, ['--name', 'calm-wren-7']);
    await driver.report('joined calm-wren-7');
    const request = mapRequest(scratch, { hold: 'map-0.1', gate: join(scratch.dir, 'gate') });
    const running = post(only(driver).url, request).catch(() => 'broken');
    await joining.line(/map-0\.1 waits/);
    joining.signal('SIGINT');
    await driver.report('leaving calm-wren-7');
    joining.signal('SIGINT');
    expect((await joining.finished).exitCode).toBe(130);
    expect(await running).toBe('broken');
  });

  test('a worker joins the next driver at the same URL, and reveals nothing to a stranger there', async ({
    scratch,
  }) => {
    const first = await DriverServer.on(scratch.port, TOKEN);
    const joining = worker(scratch, ['--name', 'calm-wren-7']);
    await first.report('joined calm-wren-7');
    await first.close();
    await joining.line(
      /^no driver at \S+ any more, found nothing that listens there \(ECONNREFUSED\); looks .* every 3 s$/,
    );

    // The stranger relays requests to another driver with the same token. The worker must not join that driver.
    const other = await DriverServer.on(await freePorts(1), TOKEN);
    const stranger = await Stranger.on({ port: scratch.port, passesTo: other.port });
    await until(
      'the stranger has received a request and relayed the proof of the driver',
      () => stranger.answered.join() !== '',
    );
    await joining.line(/found a driver with another token/);
    await stranger.close();
    expectOnlyChallenged(stranger, TOKEN);
    expect(other.reports).toEqual([]);

    const second = await DriverServer.on(scratch.port, TOKEN);
    await second.report('joined calm-wren-7');
    await until(
      'the worker reports that it joined',
      () => joining.said.filter((line) => line.startsWith('joined')).length === 2,
    );
    joining.signal('SIGTERM');
    expect((await joining.finished).exitCode).toBe(0);
    expect(second.reports).toEqual(['joined calm-wren-7', 'leaving calm-wren-7', 'left calm-wren-7']);
  });

  test('a worker with --fail-after exits after this many tasks, when their answers are sent', async ({ scratch }) => {
    const driver = await DriverServer.on(scratch.port, TOKEN);
    const joining = worker(scratch, ['--fail-after', '2', '--name', 'calm-wren-7']);
    await driver.report('joined calm-wren-7');
    const { url } = only(driver);
    const request = mapRequest(scratch);
    for (const attempt of [1, 2]) {
      expect((await post(url, { ...request, attempt })).last, `attempt ${attempt}`).toContain('"type":"done"');
    }
    const { signal, said } = await joining.finished;
    expect(signal).toBe('SIGKILL');
    expect(said.at(-1)).toBe('--fail-after 2: exiting after 2 tasks');
    expect(driver.reports, 'no notice is sent').toEqual(['joined calm-wren-7']);
  });

  test('a worker takes the first free port, and the token of --dir', async ({ scratch }) => {
    await using held = await holdPort(scratch.port + 1);
    expect(held.listening).toBe(true);
    scratch.write('files/token', `${TOKEN}\n`);
    const driver = await DriverServer.on(scratch.port, TOKEN);
    worker(scratch, [], {});
    await driver.seen(() => driver.reports.length > 0);
    expect(only(driver).url).toBe(`http://127.0.0.1:${scratch.port + 2}`);
  });

  test('a worker may take the name of a killed worker, but not of a running one', async ({ scratch }) => {
    const driver = await DriverServer.on(scratch.port, TOKEN);
    const first = worker(scratch, ['--name', 'calm-wren-7']);
    await driver.report('joined calm-wren-7');
    const { exitCode, stderr } = await worker(scratch, ['--name', 'calm-wren-7']).finished;
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(
      /^mapreduce: --join \S+: expected a running driver, found one that refuses: the name calm-wren-7 belongs to process \d+ on \S+, which is still there; take another --name$/m,
    );
    expect(driver.reports).toEqual(['joined calm-wren-7']);

    first.signal('SIGKILL');
    await first.finished;
    const third = worker(scratch, ['--name', 'calm-wren-7']);
    await third.line(/^joined/);
    expect(only(driver)).toMatchObject({ id: 1, pid: third.pid });
  });
});

describe('a worker without --join', () => {
  test('a worker without --join waits for drivers, and ends on a signal', async ({ scratch }) => {
    const standing = scratch.start(['worker', '--worker-port', String(scratch.port)], WITH_TOKEN);
    const [, port] = await standing.line(/^worker \S+ ready on 127\.0\.0\.1, port (\d+), process \d+; Ctrl-C ends it$/);
    expect(Number(port)).toBe(scratch.port);
    expect(await post(`http://127.0.0.1:${port}`, mapRequest(scratch))).toMatchObject({ status: 200 });
    standing.signal('SIGINT');
    expect((await standing.finished).exitCode).toBe(0);
  });
});

describe('joining without a driver', () => {
  async function expectRefused(
    scratch: Scratch,
    found: RegExp,
    options: Partial<CommandOptions> = WITH_TOKEN,
  ): Promise<void> {
    const { exitCode, stdout, stderr } = await worker(scratch, [], options).finished;
    expect(exitCode, stderr).toBe(2);
    expect(stderr).toMatch(/^mapreduce: --join http:\/\/127\.0\.0\.1:\d+: expected a running driver, found [^\n]+\n$/);
    expect(stderr).toMatch(found);
    expect(stdout).toBe('');
    expect(scratch.files()).toEqual([]);
  }

  test('a worker reports in one line that nothing listens at the URL', async ({ scratch }) => {
    await expectRefused(scratch, /nothing that listens there \(ECONNREFUSED\)/);
  });

  test('a worker with another token, or with no token, is refused in one line and changes nothing', async ({
    scratch,
  }) => {
    const driver = await DriverServer.on(scratch.port, TOKEN);
    const found = /a driver with another token; set MAPREDUCE_TOKEN or --dir to the driver's/;
    await expectRefused(scratch, found, { env: { MAPREDUCE_TOKEN: 'a-token-of-other-tests' } });
    await expectRefused(scratch, found, {});
    expect(driver.reports).toEqual([]);
  });

  test.for([
    ['a page', 200, 'hello', /something that is not a driver/],
    ['a server that requires a password', 401, '{"message":"who are you?"}', /something that is not a driver/],
    [
      'another version',
      200,
      '{"role":"driver","protocol":"http-mapreduce/0","status":"ok"}',
      /a driver that speaks "http-mapreduce\/0"/,
    ],
    [
      'a server that claims to be a driver',
      200,
      JSON.stringify({ role: 'driver', protocol: PROTOCOL, status: 'ok' }),
      /another token/,
    ],
  ] as const)(
    'a worker reports in one line that it found no driver to join but %s',
    async ([, status, body, found], { scratch }) => {
      const stranger = createServer((_request, answer) => answer.writeHead(status).end(body));
      await once(stranger.listen(scratch.port, '127.0.0.1'), 'listening');
      onTestFinished(() => void stranger.close());
      await expectRefused(scratch, found);
    },
  );

  test('a worker reports in one line that it found no driver to join but another worker', async ({ scratch }) => {
    const standing = scratch.start(['worker', '--worker-port', String(scratch.port)], WITH_TOKEN);
    await standing.line(/ready/);
    await expectRefused(scratch, /something that is not a driver/);
  });

  test('a worker reports in one line that it found no driver to join but a server that never answers', async ({
    scratch,
  }) => {
    const silent = await holdPort(scratch.port);
    onTestFinished(() => void silent.close());
    expect((silent.address() as AddressInfo).port).toBe(scratch.port);
    await expectRefused(scratch, /something that does not answer within 5 s/);
  });
});

describe('a wrong flag', () => {
  test.for([
    [['--join', '127.0.0.1:8000'], /--join.*Expected a URL such as http:\/\/127\.0\.0\.1:8000, found "127/],
    [['--join', 'https://127.0.0.1:8000'], /--join.*Expected a URL/],
    [['--join', 'http://127.0.0.1:8000/workers'], /--join.*Expected a URL/],
    [['--name', 'brave otter'], /--name.*1 to 40 letters, digits and -, found "brave otter"/],
    [['--name', 'x'.repeat(41)], /--name/],
    [['--fail-after', '0'], /--fail-after.*positive integer.*"0"/],
    [['--worker-port', '70000'], /--worker-port.*1 to 65535/],
  ] as const)('the flags %j are refused before anything starts', async ([args, expected], { scratch }) => {
    const { exitCode, stderr } = await scratch.start(['worker', ...args]).finished;
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/^mapreduce: [^\n]+\n$/);
    expect(stderr).toMatch(expected);
    expect(scratch.files()).toEqual([]);
  });
});

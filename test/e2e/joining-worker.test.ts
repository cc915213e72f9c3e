// Workers come and go: `mapreduce worker` joins a driver that runs, says that it is there, and leaves in good order.

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
import { beginRun, workspaceAt } from '../../src/workspace/paths.ts';
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

/** Starts a worker on the test's second port, or the next free one, that joins the driver on its first port. */
function worker(scratch: Scratch, args: readonly string[] = [], options = WITH_TOKEN): RunningCommand {
  const place = ['--join', `http://127.0.0.1:${scratch.port}`, '--worker-port', String(scratch.port + 1)];
  return scratch.start(['worker', ...place, ...args], options);
}

/** The request for an attempt of a map task in the run of one input line. */
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
    compressRuns: false,
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
  return driver.registry.members.length === 1 ? driver.registry.members[0]! : expect.unreachable();
}

describe('a worker that joins', () => {
  test('registers under a readable name and says again that it is there; tasks go to it; SIGTERM ends it', async ({
    scratch,
  }) => {
    const driver = await DriverServer.on(scratch.port, TOKEN);
    const joining = worker(scratch);
    const [, name] = await joining.line(/^joined http:\/\/127\.0\.0\.1:\d+ as ([a-z]+-[a-z]+-\d+)$/);
    const first = only(driver);
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
      const ms = only(driver).lastSeenMs - first.lastSeenMs;
      return ms > 0 && ms;
    });
    expect(between).toBeGreaterThan(2900);
    expect(between).toBeLessThan(9000);
    expect(driver.reports, 'it is the same worker').toEqual([`joined ${name}`]);

    joining.signal('SIGTERM');
    const { exitCode, stderr } = await joining.finished;
    expect(exitCode, stderr).toBe(0);
    expect(driver.reports).toEqual([`joined ${name}`, `leaving ${name}`, `left ${name}`]);
  });

  test('tells at once that it leaves, ends its task before, takes no other, and is gone', async ({ scratch }) => {
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
    const before = only(driver).lastSeenMs;
    await driver.seen(() => only(driver).lastSeenMs > before);
    expect(only(driver).state, 'it goes on saying that it is there').toBe('leaving');
    expect(joining.ended).toBe(false);

    scratch.write('gate/map-0.1', '');
    expect((await running).last).toContain('"type":"done"');
    expect((await joining.finished).exitCode).toBe(0);
    expect(driver.reports).toEqual(['joined calm-wren-7', 'leaving calm-wren-7', 'left calm-wren-7']);
  });

  test('ends at once at a second signal', async ({ scratch }) => {
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

  test('joins the next driver at the same URL, and tells a stranger there nothing', async ({ scratch }) => {
    const first = await DriverServer.on(scratch.port, TOKEN);
    const joining = worker(scratch, ['--name', 'calm-wren-7']);
    await first.report('joined calm-wren-7');
    await first.close();
    await joining.line(/^no driver at \S+ any more, found nobody who listens \(ECONNREFUSED\); looks .* every 3 s$/);

    // It passes on what it hears to another driver with the same token, which must not be joined by that.
    const other = await DriverServer.on(await freePorts(1), TOKEN);
    const stranger = await Stranger.on({ port: scratch.port, passesTo: other.port });
    await until('the stranger is asked, and the driver has proved itself to it', () => stranger.answered.join() !== '');
    await joining.line(/found a driver with another token/);
    await stranger.close();
    expectOnlyChallenged(stranger, TOKEN);
    expect(other.reports).toEqual([]);

    const second = await DriverServer.on(scratch.port, TOKEN);
    await second.report('joined calm-wren-7');
    await until('it says so', () => joining.said.filter((line) => line.startsWith('joined')).length === 2);
    joining.signal('SIGTERM');
    expect((await joining.finished).exitCode).toBe(0);
    expect(second.reports).toEqual(['joined calm-wren-7', 'leaving calm-wren-7', 'left calm-wren-7']);
  });

  test('dies after as many tasks as --fail-after says, when their answers are sent', async ({ scratch }) => {
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
    expect(driver.reports, 'it tells nobody').toEqual(['joined calm-wren-7']);
  });

  test('has the first port that is free, and the token of --dir', async ({ scratch }) => {
    await using held = await holdPort(scratch.port + 1);
    expect(held.listening).toBe(true);
    scratch.write('files/token', `${TOKEN}\n`);
    const driver = await DriverServer.on(scratch.port, TOKEN);
    worker(scratch, [], {});
    await driver.seen(() => driver.reports.length > 0);
    expect(only(driver).url).toBe(`http://127.0.0.1:${scratch.port + 2}`);
  });

  test('may take the name of one that was killed, but not of one that is there', async ({ scratch }) => {
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
  test('stands there for drivers, and ends when it is told to', async ({ scratch }) => {
    const standing = scratch.start(['worker', '--worker-port', String(scratch.port)], WITH_TOKEN);
    const [, port] = await standing.line(/^worker \S+ ready on 127\.0\.0\.1, port (\d+), process \d+; Ctrl-C ends it$/);
    expect(Number(port)).toBe(scratch.port);
    expect(await post(`http://127.0.0.1:${port}`, mapRequest(scratch))).toMatchObject({ status: 200 });
    standing.signal('SIGINT');
    expect((await standing.finished).exitCode).toBe(0);
  });
});

describe('where there is no driver to join, one line says so and nothing is touched', () => {
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

  test('nobody listens', async ({ scratch }) => {
    await expectRefused(scratch, /nobody who listens \(ECONNREFUSED\)/);
  });

  test('the token is another one, or there is none here', async ({ scratch }) => {
    const driver = await DriverServer.on(scratch.port, TOKEN);
    const found = /a driver with another token; set MAPREDUCE_TOKEN or --dir to the driver's/;
    await expectRefused(scratch, found, { env: { MAPREDUCE_TOKEN: 'a-token-of-other-tests' } });
    await expectRefused(scratch, found, {});
    expect(driver.reports).toEqual([]);
  });

  test.for([
    ['a page', 200, 'hello', /something that is no driver/],
    ['one that wants a password', 401, '{"message":"who are you?"}', /something that is no driver/],
    [
      'another version',
      200,
      '{"role":"driver","protocol":"http-mapreduce/0","status":"ok"}',
      /a driver that speaks "http-mapreduce\/0"/,
    ],
    [
      'who claims to be one',
      200,
      JSON.stringify({ role: 'driver', protocol: PROTOCOL, status: 'ok' }),
      /another token/,
    ],
  ] as const)('%s is there', async ([, status, body, found], { scratch }) => {
    const stranger = createServer((_request, answer) => answer.writeHead(status).end(body));
    await once(stranger.listen(scratch.port, '127.0.0.1'), 'listening');
    onTestFinished(() => void stranger.close());
    await expectRefused(scratch, found);
  });

  test('a worker is there', async ({ scratch }) => {
    const standing = scratch.start(['worker', '--worker-port', String(scratch.port)], WITH_TOKEN);
    await standing.line(/ready/);
    await expectRefused(scratch, /something that is no driver/);
  });

  test('somebody is there who never says a word', async ({ scratch }) => {
    const silent = await holdPort(scratch.port);
    onTestFinished(() => void silent.close());
    expect((silent.address() as AddressInfo).port).toBe(scratch.port);
    await expectRefused(scratch, /something that does not answer within 5 s/);
  });
});

describe('what cannot be meant is refused before anything starts', () => {
  test.for([
    [['--join', '127.0.0.1:8000'], /--join.*Expected a URL such as http:\/\/127\.0\.0\.1:8000, found "127/],
    [['--join', 'https://127.0.0.1:8000'], /--join.*Expected a URL/],
    [['--join', 'http://127.0.0.1:8000/workers'], /--join.*Expected a URL/],
    [['--name', 'brave otter'], /--name.*1 to 40 letters, digits and -, found "brave otter"/],
    [['--name', 'x'.repeat(41)], /--name/],
    [['--fail-after', '0'], /--fail-after.*positive integer.*"0"/],
    [['--worker-port', '70000'], /--worker-port.*1 to 65535/],
  ] as const)('%j', async ([args, expected], { scratch }) => {
    const { exitCode, stderr } = await scratch.start(['worker', ...args]).finished;
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/^mapreduce: [^\n]+\n$/);
    expect(stderr).toMatch(expected);
    expect(scratch.files()).toEqual([]);
  });
});

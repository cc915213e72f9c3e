import { beforeEach, expect, test } from 'vitest';

import { type Member, Registry } from '../../../../src/driver/door/registry.ts';
import { PROTOCOL, type WorkerNotice } from '../../../../src/protocol.ts';

/** The time, in milliseconds. */
let now: number;
/** The events so far, such as `silent brave-otter-42 (5)`. */
let reports: string[];
/** The names of workers that repeated that they have nothing to do. */
let idle: string[];
/** The processes that have ended. */
let ended: number[];
/** The workers that have joined, as they were when something changed last. */
let members: Map<string, Member>;
let registry: Registry;

const NAME = 'brave-otter-42';

beforeEach(() => {
  [now, reports, idle, ended, members] = [1_000_000, [], [], [], new Map()];
  let lastId = 4;
  const reported =
    (what: string) =>
    (member: Member): void => {
      members.set(member.name, member);
      reports.push(`${what} ${member.name} (${member.id})`);
    };
  registry = new Registry({
    now: () => now,
    nextId: () => ++lastId,
    mayBeAlive: ({ pid }) => !ended.includes(pid),
    events: {
      joined: reported('joined'),
      leaving: reported('leaving'),
      left: reported('left'),
      silent: reported('silent'),
      returned: reported('returned'),
      idle: (member) => {
        members.set(member.name, member);
        idle.push(member.name);
      },
    },
  });
});

/** Lets time pass, after which the registry looks for silent workers. */
function pass(ms: number): void {
  now += ms;
  registry.tick();
}

function notice(changes: Partial<WorkerNotice> = {}): WorkerNotice {
  return { protocol: PROTOCOL, pid: 100, host: 'here', port: 8001, state: 'idle', ...changes };
}

test('a worker joins with its first notice, under the next free number; further notices are heartbeats', () => {
  expect(registry.heard(NAME, notice())).toBeUndefined();
  expect(registry.heard('calm-wren-7', notice({ pid: 101, port: 8002 }))).toBeUndefined();
  for (const state of ['busy', 'idle'] as const) registry.heard(NAME, notice({ state }));
  expect(reports).toEqual([`joined ${NAME} (5)`, 'joined calm-wren-7 (6)']);
  expect([...members.values()]).toMatchObject([
    { id: 5, name: NAME, url: 'http://127.0.0.1:8001', pid: 100, host: 'here', lastSeenMs: now, state: 'here' },
    { id: 6, url: 'http://127.0.0.1:8002' },
  ]);
});

test('a worker that is here is reported as idle with each notice that says so', () => {
  const states = ['idle', 'busy', 'idle', 'leaving', 'idle'] as const;
  for (const state of states) registry.heard(NAME, notice({ state }));
  expect(idle).toEqual([NAME]);
});

test('a worker that sends a notice every 3 s is never silent', () => {
  for (let time = 0; time < 10; time++) {
    registry.heard(NAME, notice());
    pass(3000);
  }
  expect(reports).toEqual([`joined ${NAME} (5)`]);
});

test('a worker is silent after 10 s without a notice, which is reported once, and returns with its next notice', () => {
  registry.heard(NAME, notice());
  pass(9999);
  expect(reports).toEqual([`joined ${NAME} (5)`]);
  pass(1);
  pass(60_000);
  expect(reports.splice(0)).toEqual([`joined ${NAME} (5)`, `silent ${NAME} (5)`]);
  registry.heard(NAME, notice());
  pass(9999);
  expect(reports.splice(0)).toEqual([`returned ${NAME} (5)`]);
  pass(1);
  expect(reports).toEqual([`silent ${NAME} (5)`]);
});

test('a worker that is leaving stays so, even if an older notice arrives late, until it has left', () => {
  registry.heard(NAME, notice());
  for (const state of ['leaving', 'idle', 'leaving'] as const) registry.heard(NAME, notice({ state }));
  pass(9999);
  registry.heard(NAME, notice({ state: 'leaving' }));
  pass(9999);
  expect(reports.splice(0)).toEqual([`joined ${NAME} (5)`, `leaving ${NAME} (5)`]);
  registry.left(NAME);
  registry.left(NAME);
  registry.heard(NAME, notice({ state: 'leaving' }));
  pass(60_000);
  expect(reports).toEqual([`left ${NAME} (5)`]);
});

test('a worker that dies while it is leaving is silent', () => {
  registry.heard(NAME, notice());
  registry.heard(NAME, notice({ state: 'leaving' }));
  pass(10_000);
  expect(reports.at(-1)).toBe(`silent ${NAME} (5)`);
});

test('a worker that has left joins again under its old number', () => {
  registry.heard(NAME, notice());
  registry.left(NAME);
  registry.heard(NAME, notice());
  registry.left(NAME);
  registry.heard(NAME, notice({ pid: 200, port: 8009 }));
  expect(reports.filter((report) => report.startsWith('joined'))).toEqual(
    Array.from({ length: 3 }, () => `joined ${NAME} (5)`),
  );
  expect([...members.values()]).toMatchObject([{ pid: 200, url: 'http://127.0.0.1:8009', state: 'here' }]);
});

test('a worker whose first notice says that it is leaving does not join', () => {
  expect(registry.heard(NAME, notice({ state: 'leaving' }))).toBeUndefined();
  registry.left(NAME);
  expect(reports).toEqual([]);
});

test.for([{ pid: 200 }, { port: 8002 }, { host: 'there' }])(
  'the name of a worker that is there is refused to another %j',
  (changes) => {
    registry.heard(NAME, notice());
    const refusal = registry.heard(NAME, notice(changes));
    expect(refusal).toBe(`the name ${NAME} belongs to process 100 on here, which is still there; take another --name`);
    expect([...members.values()]).toMatchObject([{ pid: 100, url: 'http://127.0.0.1:8001', host: 'here' }]);
    expect(reports).toEqual([`joined ${NAME} (5)`]);
  },
);

test('the name of a worker whose process has ended is free at once, and keeps its number', () => {
  registry.heard(NAME, notice());
  ended.push(100);
  expect(registry.heard(NAME, notice({ pid: 200 }))).toBeUndefined();
  expect(reports).toEqual([`joined ${NAME} (5)`, `joined ${NAME} (5)`]);
  expect([...members.values()]).toMatchObject([{ id: 5, pid: 200 }]);
});

test('the name of a silent worker is free, and once another has taken it the old worker is refused', () => {
  registry.heard(NAME, notice());
  pass(10_000);
  expect(registry.heard(NAME, notice({ pid: 200 }))).toBeUndefined();
  expect(registry.heard(NAME, notice())).toContain('belongs to process 200');
});

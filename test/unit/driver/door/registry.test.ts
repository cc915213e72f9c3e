import { beforeEach, describe, expect, test } from 'vitest';

import { type Member, Registry } from '../../../../src/driver/door/registry.ts';
import { PROTOCOL, type WorkerNotice } from '../../../../src/protocol.ts';

/** The time, in milliseconds. */
let now: number;
/** What was reported, such as `silent brave-otter-42 (5)`. */
let reports: string[];
/** Those that said again that they have nothing to do. */
let idle: string[];
/** The processes that have ended. */
let ended: number[];
let registry: Registry;

const NAME = 'brave-otter-42';

beforeEach(() => {
  [now, reports, idle, ended] = [1_000_000, [], [], []];
  let lastId = 4;
  const reported =
    (what: string) =>
    ({ name, id }: Member): void =>
      void reports.push(`${what} ${name} (${id})`);
  registry = new Registry({
    now: () => now,
    nextId: () => ++lastId,
    mayLive: ({ pid }) => !ended.includes(pid),
    reports: {
      joined: reported('joined'),
      leaving: reported('leaving'),
      left: reported('left'),
      silent: reported('silent'),
      returned: reported('returned'),
      idle: ({ name }) => void idle.push(name),
    },
  });
});

/** So much time passes, and the registry looks around. */
function pass(ms: number): void {
  now += ms;
  registry.tick();
}

function notice(changes: Partial<WorkerNotice> = {}): WorkerNotice {
  return { protocol: PROTOCOL, pid: 100, host: 'here', port: 8001, state: 'idle', ...changes };
}

describe('a worker', () => {
  test('that speaks for the first time joins under the next free number; then its notices are heartbeats', () => {
    expect(registry.heard(NAME, notice())).toBeUndefined();
    expect(registry.heard('calm-wren-7', notice({ pid: 101, port: 8002 }))).toBeUndefined();
    for (const state of ['busy', 'idle'] as const) registry.heard(NAME, notice({ state }));
    expect(reports).toEqual([`joined ${NAME} (5)`, 'joined calm-wren-7 (6)']);
    expect(registry.members).toMatchObject([
      { id: 5, name: NAME, url: 'http://127.0.0.1:8001', pid: 100, host: 'here', lastSeenMs: now, state: 'here' },
      { id: 6, url: 'http://127.0.0.1:8002' },
    ]);
  });

  test('that is here and has nothing to do is reported each time it says so, also while it counts as lost', () => {
    const states = ['idle', 'busy', 'idle', 'leaving', 'idle'] as const;
    for (const state of states) registry.heard(NAME, notice({ state }));
    expect(idle).toEqual([NAME]);
  });

  test('that speaks every 3 s is never silent', () => {
    for (let time = 0; time < 10; time++) {
      registry.heard(NAME, notice());
      pass(3000);
    }
    expect(reports).toEqual([`joined ${NAME} (5)`]);
  });

  test('is silent after 10 s without a word, which is reported once, and welcome when it speaks again', () => {
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

  test('that is leaving stays so, also where an older notice comes late, and is gone when it says so', () => {
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

  test('that is leaving and dies is silent', () => {
    registry.heard(NAME, notice());
    registry.heard(NAME, notice({ state: 'leaving' }));
    pass(10_000);
    expect(reports.at(-1)).toBe(`silent ${NAME} (5)`);
  });

  test('that has left joins again, under its number', () => {
    registry.heard(NAME, notice());
    registry.left(NAME);
    registry.heard(NAME, notice());
    registry.left(NAME);
    registry.heard(NAME, notice({ pid: 200, port: 8009 }));
    expect(reports.filter((report) => report.startsWith('joined'))).toEqual(
      Array.from({ length: 3 }, () => `joined ${NAME} (5)`),
    );
    expect(registry.members).toMatchObject([{ pid: 200, url: 'http://127.0.0.1:8009', state: 'here' }]);
  });

  test('that is leaving when it first speaks has not joined', () => {
    expect(registry.heard(NAME, notice({ state: 'leaving' }))).toBeUndefined();
    registry.left(NAME);
    expect(reports).toEqual([]);
  });
});

describe('a name', () => {
  test.for([{ pid: 200 }, { port: 8002 }, { host: 'there' }])('of a worker that is there is no other %j', (changes) => {
    registry.heard(NAME, notice());
    const refusal = registry.heard(NAME, notice(changes));
    expect(refusal).toBe(`the name ${NAME} belongs to process 100 on here, which is still there; take another --name`);
    expect(registry.members).toMatchObject([{ pid: 100, url: 'http://127.0.0.1:8001', host: 'here' }]);
    expect(reports).toEqual([`joined ${NAME} (5)`]);
  });

  test('of a worker whose process has ended is free at once, and keeps its number', () => {
    registry.heard(NAME, notice());
    ended.push(100);
    expect(registry.heard(NAME, notice({ pid: 200 }))).toBeUndefined();
    expect(reports).toEqual([`joined ${NAME} (5)`, `joined ${NAME} (5)`]);
    expect(registry.members).toMatchObject([{ id: 5, pid: 200 }]);
  });

  test('of a worker that is silent is free, and then the old one is refused', () => {
    registry.heard(NAME, notice());
    pass(10_000);
    expect(registry.heard(NAME, notice({ pid: 200 }))).toBeUndefined();
    expect(registry.heard(NAME, notice())).toContain('belongs to process 200');
  });
});

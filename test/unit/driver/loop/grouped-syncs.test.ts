import { expect, test } from 'vitest';

import { GroupedSyncs } from '../../../../src/driver/loop/grouped-syncs.ts';

/** Syncs that end when the test ends them. */
function heldSyncs(): { syncs: GroupedSyncs; startCount: () => number; end: (error?: Error) => Promise<void> } {
  let started = 0;
  const open: PromiseWithResolvers<void>[] = [];
  const syncs = new GroupedSyncs(() => {
    started++;
    open.push(Promise.withResolvers());
    return open.at(-1)!.promise;
  });
  const end = async (error?: Error): Promise<void> => {
    const sync = open.shift()!;
    if (error === undefined) sync.resolve();
    else sync.reject(error);
    await new Promise(setImmediate);
  };
  return { syncs, startCount: () => started, end };
}

test('commits that arrive during a sync share the next one, and do not count before its end', async () => {
  const { syncs, startCount, end } = heldSyncs();
  const done: string[] = [];
  for (const name of ['a', 'b', 'c']) void syncs.sync().then(() => done.push(name));
  expect(startCount()).toBe(1);
  await end();
  expect(done).toEqual(['a']);
  expect(startCount()).toBe(2);
  void syncs.sync().then(() => done.push('d'));
  await end();
  expect(done).toEqual(['a', 'b', 'c']);
  await end();
  expect(done).toEqual(['a', 'b', 'c', 'd']);
  expect(startCount()).toBe(3);
});

test('a sync that fails is a failure of the commits that waited for it, and of no others', async () => {
  const { syncs, end } = heldSyncs();
  const first = expect(syncs.sync()).rejects.toThrow('disk on fire');
  const second = expect(syncs.sync()).resolves.toBeUndefined();
  await end(new Error('disk on fire'));
  await end();
  await Promise.all([first, second]);
});

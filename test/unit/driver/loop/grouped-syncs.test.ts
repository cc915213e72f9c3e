import { expect, test } from 'vitest';

import { GroupedSyncs } from '../../../../src/driver/loop/grouped-syncs.ts';

/** Syncs that end when they are told to. */
function heldSyncs(): { syncs: GroupedSyncs; started: string[]; end: (error?: Error) => Promise<void> } {
  const started: string[] = [];
  const open: PromiseWithResolvers<void>[] = [];
  const syncs = new GroupedSyncs((folder) => {
    started.push(folder);
    open.push(Promise.withResolvers());
    return open.at(-1)!.promise;
  });
  const end = async (error?: Error): Promise<void> => {
    const sync = open.shift()!;
    if (error === undefined) sync.resolve();
    else sync.reject(error);
    await new Promise(setImmediate);
  };
  return { syncs, started, end };
}

test('commits that come while a folder is being synced share the next sync, and do not count before its end', async () => {
  const { syncs, started, end } = heldSyncs();
  const done: string[] = [];
  for (const name of ['a', 'b', 'c']) void syncs.sync('out').then(() => done.push(name));
  expect(started).toEqual(['out']);
  await end();
  expect(done).toEqual(['a']);
  expect(started).toEqual(['out', 'out']);
  void syncs.sync('out').then(() => done.push('d'));
  await end();
  expect(done).toEqual(['a', 'b', 'c']);
  await end();
  expect(done).toEqual(['a', 'b', 'c', 'd']);
  expect(started).toHaveLength(3);
});

test('folders are synced apart', () => {
  const { syncs, started } = heldSyncs();
  void syncs.sync('intermediate');
  void syncs.sync('out');
  expect(started).toEqual(['intermediate', 'out']);
});

test('a sync that fails is the failure of those who waited for it, and of nobody else', async () => {
  const { syncs, end } = heldSyncs();
  const first = expect(syncs.sync('out')).rejects.toThrow('disk on fire');
  const second = expect(syncs.sync('out')).resolves.toBeUndefined();
  await end(new Error('disk on fire'));
  await end();
  await Promise.all([first, second]);
});

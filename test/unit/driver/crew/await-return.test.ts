import { expect, test } from 'vitest';

import { awaitReturn } from '../../../../src/driver/crew/await-return.ts';
import { type Health, PROTOCOL } from '../../../../src/protocol.ts';

/** A client whose worker gives these answers, one after the other. */
function answering(...states: (Health['state'] | undefined)[]) {
  const health = async (): Promise<Health | undefined> => {
    const state = states.shift();
    return state === undefined ? undefined : { protocol: PROTOCOL, pid: 7, state };
  };
  return { health, left: () => states.length };
}

test('a silent worker is back when it says that it is idle, not while it is busy', async () => {
  const client = answering(undefined, 'busy', 'idle');
  expect(await awaitReturn(client, () => false, new AbortController().signal)).toBe(7);
});

test('a silent worker that has joined again is back, whatever it answers', async () => {
  expect(await awaitReturn(answering('busy'), () => true, new AbortController().signal)).toBe('joined');
});

test('a silent worker is not asked after the end', async () => {
  const client = answering('idle');
  expect(await awaitReturn(client, () => false, AbortSignal.abort())).toBeUndefined();
  expect(client.left()).toBe(1);
});

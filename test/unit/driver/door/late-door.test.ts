import { expect, test } from 'vitest';

import type { Door } from '../../../../src/driver/door/joining.ts';
import { LateDoor } from '../../../../src/driver/door/late-door.ts';

/** A late door that has begun to open, and the announcements of it. */
async function opening(keepOpen?: (door: Door) => void) {
  const told: string[] = [];
  const begun = Promise.withResolvers<void>();
  const opened = Promise.withResolvers<Door>();
  const door = new LateDoor({
    open: () => {
      begun.resolve();
      return opened.promise;
    },
    onListening: (url) => told.push(`listening at ${url}`),
    onError: (error) => told.push(`failed: ${String(error)}`),
    keepOpen,
  });
  await begun.promise;
  const close = async (): Promise<void> => void told.push('closed');
  return { door, told, opened, made: { url: 'http://there', close } };
}

test('a server that opens during the run is announced, and closed with the run', async () => {
  const { door, told, opened, made } = await opening();
  opened.resolve(made);
  await opened.promise;
  await door.close();
  expect(told).toEqual(['listening at http://there', 'closed']);
});

test('a server that opens after the run has ended is closed, and never announced', async () => {
  const { door, told, opened, made } = await opening();
  const closed = door.close();
  opened.resolve(made);
  await closed;
  expect(told).toEqual(['closed']);
});

test('a server that is to stay open is announced however late it opens, and handed over', async () => {
  const handedOver: Door[] = [];
  const { door, told, opened, made } = await opening((kept) => handedOver.push(kept));
  const closed = door.close();
  opened.resolve(made);
  await closed;
  expect(told).toEqual(['listening at http://there']);
  expect(handedOver).toEqual([made]);
});

test('a server that cannot be opened is an error of the run, and nothing is left to close', async () => {
  const { door, told, opened } = await opening();
  opened.reject(new Error('taken'));
  await expect(opened.promise).rejects.toThrow('taken');
  await door.close();
  expect(told).toEqual(['failed: Error: taken']);
});

test('a run that ends before the delay is over opens nothing', async () => {
  const told: string[] = [];
  const door = new LateDoor({
    open: () => expect.unreachable('it was opened'),
    onListening: (url) => told.push(url),
    onError: (error) => told.push(String(error)),
    keepOpen: undefined,
  });
  await door.close();
  expect(told).toEqual([]);
});

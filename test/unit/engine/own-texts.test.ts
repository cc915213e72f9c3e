import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import { expect, test } from 'vitest';

import { ownTexts } from '../../../src/engine/own-texts.ts';

test('a copied value has the same contents', () => {
  const value = (): unknown[] => [
    'a text that is long enough',
    ['short', 'a text in a list', 1, null],
    { field: 'a text in a field', more: { nested: ['a text below'] } },
    JSON.parse('{"__proto__": "a text in an odd field"}'),
    new Map([['key of a map', 'value of a map']]),
    Buffer.from('bytes'),
  ];
  expect(ownTexts(value())).toEqual(value());
  expect(Object.keys((ownTexts(value()) as object[])[3]!)).toEqual(['__proto__']);
});

test('a copied substring does not keep its whole string alive', () => {
  setFlagsFromString('--expose-gc');
  const collectGarbage = runInNewContext('gc') as () => void;
  const kept: unknown[] = [];
  const heapBytes = (): number => {
    collectGarbage();
    return process.memoryUsage().heapUsed;
  };
  const before = heapBytes();
  for (let index = 0; index < 200; index++) {
    const line = Buffer.alloc(1 << 18, `line ${index} `).toString('latin1');
    kept.push(ownTexts([line.slice(0, 20), { part: line.slice(100, 120) }]), ownTexts(line.slice(50, 80)));
  }
  // The lines have 50 MiB together.
  expect(heapBytes() - before).toBeLessThan(10 << 20);
  expect(kept).toHaveLength(400);
});

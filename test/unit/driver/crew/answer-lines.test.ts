import { expect, test } from 'vitest';

import { AnswerLines, UnreadableAnswerError } from '../../../../src/driver/crew/answer-lines.ts';
import { type AnswerLine, MAX_RESPONSE_LINE_BYTES } from '../../../../src/protocol.ts';

const PROGRESS: AnswerLine = {
  type: 'progress',
  records: 1,
  bytes: 2,
  place: { file: 'käse 🧀.txt', slice: 0, offset: 3 },
};
const FAILED: AnswerLine = { type: 'failed', failure: { kind: 'job', message: 'boom' } };
const ANSWER = Buffer.from([PROGRESS, PROGRESS, FAILED].map((line) => `${JSON.stringify(line)}\n`).join(''));

test('lines are read whole, wherever they were cut on the way', () => {
  for (const size of [1, 2, 3, 7, 50, ANSWER.length]) {
    const heard: AnswerLine[] = [];
    const lines = new AnswerLines((line) => heard.push(line));
    for (let start = 0; start < ANSWER.length; start += size) lines.add(ANSWER.subarray(start, start + size));
    expect(heard, `in pieces of ${size} bytes`).toEqual([PROGRESS, PROGRESS, FAILED]);
    expect(lines.last).toEqual(FAILED);
  }
});

test('of a flood of progress only the last few lines are read, but every result or failure is', () => {
  const flood = Buffer.from(`${JSON.stringify(PROGRESS)}\n`.repeat(1000));
  const heard: AnswerLine[] = [];
  const lines = new AnswerLines((line) => heard.push(line));
  lines.add(flood);
  expect(heard.length).toBeGreaterThan(0);
  expect(heard.length).toBeLessThan(60);
  heard.length = 0;
  lines.add(Buffer.concat([Buffer.from(`${JSON.stringify(FAILED)}\n`), flood]));
  expect(heard[0]).toEqual(FAILED);
  expect(lines.last).toEqual(PROGRESS);
});

test('a line that has not ended is not read', () => {
  const lines = new AnswerLines(() => expect.unreachable());
  lines.add(ANSWER.subarray(0, ANSWER.indexOf('\n')));
  expect(lines.last).toBeUndefined();
});

test.for(['no json', '{}', '{"type":"done"}', ''])('%j is not a line of the protocol', (text) => {
  const lines = new AnswerLines(() => expect.unreachable());
  expect(() => lines.add(Buffer.from(`${text}\n`))).toThrow(UnreadableAnswerError);
});

test('a line of the maximum length is read; no more than that is kept of one that is longer or does not end', () => {
  const rest = JSON.stringify({ type: 'failed', failure: { kind: 'job', message: '' } }).length;
  const longest = { type: 'failed', failure: { kind: 'job', message: 'x'.repeat(MAX_RESPONSE_LINE_BYTES - rest) } };
  const lines = new AnswerLines(() => {});
  lines.add(Buffer.from(`${JSON.stringify(longest)}\n`));
  expect(lines.last).toEqual(longest);

  const piece = Buffer.alloc(64 * 1024, 'x');
  let taken = 0;
  const endless = (): void => {
    for (;;) {
      lines.add(piece);
      taken += piece.length;
    }
  };
  expect(endless).toThrow(/^expected lines of at most 8 MiB, found a longer one, which begins with x{200}$/);
  expect(taken).toBe(MAX_RESPONSE_LINE_BYTES);
});

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import { formatLine, JournalFile, parseJournal } from '../../../src/driver/journal.ts';
import { UsageError } from '../../../src/errors.ts';
import { JOURNAL, type JournalLine, linesOf, replay } from '../../../src/scheduler/journal.ts';
import { Scheduler } from '../../../src/scheduler/scheduler.ts';
import { chunksWritten, done, lost, ready, SMALL } from '../../fixtures/told-run.ts';
import { temporaryFolder } from '../../fixtures/temporary.ts';

const job = { name: 'é "quoted"', path: '/a.ts', digest: 'd', params: {} };
const first: JournalLine = {
  at: 0,
  type: 'run-started',
  journal: JOURNAL,
  run: { runId: 'r', job, inputs: [] },
  options: SMALL,
};
const events = [
  chunksWritten,
  ready(1),
  ready(2),
  ...done('map-0.1'),
  lost(2),
  ...done('map-1.2'),
  ...done('reduce-0.1'),
];

/** The journal of a small run, in which a worker is lost. */
function wholeRun(): { lines: JournalLine[]; scheduler: Scheduler } {
  const scheduler = new Scheduler(SMALL);
  const lines = [first];
  for (const [index, event] of events.entries()) lines.push(...linesOf(index, event, scheduler.handle(event, index)));
  return { lines, scheduler };
}

const { lines, scheduler } = wholeRun();
const text = lines.map(formatLine).join('');

test('what is written is read again, and replayed it is the state that it came from', () => {
  const read = parseJournal(text, 'j');
  expect(read).toEqual({ lines, bytes: Buffer.byteLength(text), isWhole: true });
  expect(replay(read.lines).state).toEqual(scheduler.state);
  expect(scheduler.state.phase).toBe('ended');
});

test('each line is JSON', () => {
  for (const line of text.trimEnd().split('\n'))
    expect(JSON.parse(line)).toMatchObject({ at: expect.any(Number) as number });
});

test('of a journal that is cut anywhere behind its first line, the whole lines before the cut are left', () => {
  fc.assert(
    fc.property(fc.integer({ min: formatLine(first).length, max: text.length }), (length) => {
      const read = parseJournal(text.slice(0, length), 'j');
      const whole = text.slice(0, length).split('\n').length - 1;
      expect(read.lines).toEqual(lines.slice(0, whole));
      expect(read.isWhole).toBe(text[length - 1] === '\n');
    }),
  );
});

test('a character that is another ends what is believed, in whatever line it is', () => {
  fc.assert(
    fc.property(fc.integer({ min: formatLine(first).length, max: text.length - 1 }), (at) => {
      const damaged = `${text.slice(0, at)}${text[at] === '7' ? '8' : '7'}${text.slice(at + 1)}`;
      const before = text.slice(0, at).split('\n').length - 1;
      expect(parseJournal(damaged, 'j').lines).toEqual(lines.slice(0, before));
    }),
  );
});

test('a journal goes on behind what is whole of it', () => {
  const path = join(temporaryFolder(), 'run', 'journal.ndjson');
  {
    using journal = JournalFile.create(path);
    journal.append([first, lines[1]!]);
  }
  const { length } = readFileSync(path);
  writeFileSync(path, '{"at":5,"type":"torn', { flag: 'a' });
  {
    using journal = JournalFile.resume(path, length);
    journal.append([lines[2]!]);
  }
  expect(parseJournal(readFileSync(path, 'utf8'), path)).toMatchObject({ lines: lines.slice(0, 3), isWhole: true });
});

test.for([
  ['{"at":1,"type":"run-started","journal":"http-mapreduce/9"}\n', 'version http-mapreduce/9'],
  [formatLine(first).replace('"at":0', '"at":2'), 'a first line that is damaged'],
  ['hello\n', 'something else'],
  ['{"at":1}\n', 'something else'],
] as const)('what is no journal, or of another version, is refused in one line: %s', ([text, found]) => {
  expect(() => parseJournal(text, 'j')).toThrow(UsageError);
  expect(() => parseJournal(text, 'j')).toThrow(
    `j: expected a journal of version ${JOURNAL}, found ${found}; a run with --fresh`,
  );
});

test('of a journal whose first line was never whole nothing is left', () => {
  expect(parseJournal('{"at":1,"type":"run-st', 'j').lines).toEqual([]);
});

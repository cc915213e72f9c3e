import { mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import {
  JournalFile,
  JournalText,
  parseJournal,
  type ReadJournal,
  readJournal,
} from '../../../../src/driver/loop/journal-file.ts';
import { SystemError, UsageError } from '../../../../src/errors.ts';
import { JOURNAL, type JournalLine, OLDER_JOURNAL, linesOf, replay } from '../../../../src/scheduler/journal.ts';
import { Scheduler } from '../../../../src/scheduler/scheduler.ts';
import { changeCall, refused } from '../../../fixtures/changed-calls.ts';
import { chunksWritten, closed, done, lost, ready, SMALL } from '../../../fixtures/told-run.ts';
import { temporaryFolder } from '../../../fixtures/temporary.ts';

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
  ...closed,
];

/** The journal of a small run, in which a worker is lost. */
function wholeRun(): { lines: JournalLine[]; scheduler: Scheduler } {
  const scheduler = new Scheduler(SMALL);
  const lines = [first];
  for (const [index, event] of events.entries()) lines.push(...linesOf(index, event, scheduler.handle(event, index)));
  return { lines, scheduler };
}

const { lines, scheduler } = wholeRun();
const text = textOf(lines);
const firstLine = textOf([first]);

function textOf(lines: readonly JournalLine[]): string {
  const journal = new JournalText();
  return lines.map((line) => journal.format(line)).join('');
}

function parsed(text: string): ReadJournal {
  return parseJournal([Buffer.from(text)], 'j');
}

test('a journal that is read and replayed leads to the state that it came from', () => {
  const read = parsed(text);
  expect(read).toEqual({
    lines,
    bytes: Buffer.byteLength(text),
    checksum: expect.any(Number) as number,
    isWhole: true,
  });
  expect(replay(read.lines).state).toEqual(scheduler.state);
  expect(scheduler.state.phase).toBe('ended');
});

test('each line is JSON', () => {
  for (const line of text.trimEnd().split('\n'))
    expect(JSON.parse(line)).toMatchObject({ at: expect.any(Number) as number });
});

test('of a journal that is cut anywhere after its first line, the whole lines before the cut are valid', () => {
  fc.assert(
    fc.property(fc.integer({ min: firstLine.length, max: text.length }), (length) => {
      const read = parsed(text.slice(0, length));
      const whole = text.slice(0, length).split('\n').length - 1;
      expect(read.lines).toEqual(lines.slice(0, whole));
      expect(read.isWhole).toBe(text[length - 1] === '\n');
    }),
  );
});

test('a changed character in any line ends the valid part', () => {
  fc.assert(
    fc.property(fc.integer({ min: firstLine.length, max: text.length - 1 }), (at) => {
      const damaged = `${text.slice(0, at)}${text[at] === '7' ? '8' : '7'}${text.slice(at + 1)}`;
      const before = text.slice(0, at).split('\n').length - 1;
      expect(parsed(damaged).lines).toEqual(lines.slice(0, before));
    }),
  );
});

test('a resumed journal continues after its valid part', () => {
  const path = join(temporaryFolder(), 'run', 'journal.ndjson');
  {
    using journal = JournalFile.create(path);
    journal.append([first, lines[1]!]);
  }
  const before = readJournal(path)!;
  writeFileSync(path, '{"at":5,"type":"torn', { flag: 'a' });
  {
    using journal = JournalFile.resume(path, before);
    journal.append([lines[2]!]);
  }
  expect(readJournal(path)).toMatchObject({ lines: lines.slice(0, 3), isWhole: true });
});

test.for([
  ['{"at":1,"type":"run-started","journal":"http-mapreduce/9"}\n', 'version http-mapreduce/9'],
  [firstLine.replace('"at":0', '"at":2'), 'a first line that is damaged'],
  ['hello\n', 'something else'],
  ['{"at":1}\n', 'something else'],
] as const)('a file that is not a journal, or of another version, is refused in one line: %s', ([text, found]) => {
  expect(() => parsed(text)).toThrow(UsageError);
  expect(() => parsed(text)).toThrow(
    `j: expected a journal of version ${JOURNAL}, found ${found}; start over with --fresh`,
  );
});

test('a journal whose first line was never whole has no valid part', () => {
  expect(parsed('{"at":1,"type":"run-st').lines).toEqual([]);
});

test('a line that is missing, repeated or moved ends the valid part: each checksum continues the one before', () => {
  const texts = text.split(/(?<=\n)/);
  fc.assert(
    fc.property(fc.integer({ min: 1, max: texts.length - 2 }), fc.nat({ max: 2 }), (at, how) => {
      const line = texts[at]!;
      const damaged = [
        texts.toSpliced(at, 1),
        texts.toSpliced(at, 0, line),
        texts.toSpliced(at, 2, texts[at + 1]!, line),
      ];
      const read = parsed(damaged[how]!.join(''));
      expect(read.lines).toEqual(lines.slice(0, how === 1 ? at + 1 : at));
      expect(read.isWhole).toBe(false);
    }),
  );
});

test('the rest of an older journal after the end of a new line is not valid', () => {
  const path = join(temporaryFolder(), 'run', 'journal.ndjson');
  mkdirSync(join(path, '..'));
  writeFileSync(path, text);
  const { length } = textOf(lines.slice(0, 3));
  const read = parseJournal([Buffer.from(text.slice(0, length))], path);
  const next = new JournalText(read.checksum).format({ at: 7, type: 'ticked' });
  // The file was cut and continued, and a crash of the machine has undone the cut.
  const later = text.indexOf('\n', length + next.length) + 1;
  writeFileSync(path, `${text.slice(0, length)}${next}${text.slice(later)}`);
  expect(readJournal(path)!.lines).toEqual([...lines.slice(0, 3), { at: 7, type: 'ticked' }]);
});

test('a journal of the version before can be read and replayed', () => {
  const older = [{ ...first, journal: OLDER_JOURNAL }, ...lines.slice(1)] as JournalLine[];
  const read = parsed(older.map((line) => new JournalText().format(line)).join(''));
  expect(read).toMatchObject({ lines: older, isWhole: true });
  expect(replay(read.lines).state).toEqual(scheduler.state);
});

test('lines are read across the pieces of a file, wherever a piece ends', () => {
  const bytes = Buffer.from(text);
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 300 }), (size) => {
      const memory = Buffer.alloc(size);
      const pieces = function* (): Generator<Buffer> {
        for (let at = 0; at < bytes.length; at += size) yield memory.subarray(0, bytes.copy(memory, 0, at, at + size));
      };
      expect(parseJournal(pieces(), 'j')).toEqual(parsed(text));
    }),
  );
});

test('a huge file is read only as far as it can be a journal', () => {
  const path = join(temporaryFolder(), 'run', 'journal.ndjson');
  mkdirSync(join(path, '..'));
  writeFileSync(path, '');
  truncateSync(path, 2 ** 40);
  expect(() => readJournal(path)).toThrow(`${path}: expected a journal of version ${JOURNAL}, found something else`);
  writeFileSync(path, text);
  truncateSync(path, 2 ** 40);
  const before = process.memoryUsage.rss();
  expect(readJournal(path)).toMatchObject({ lines, isWhole: false });
  expect(process.memoryUsage.rss() - before).toBeLessThan(64 << 20);
});

test('a folder in the place of a journal is refused, and a missing file is no journal', () => {
  const path = join(temporaryFolder(), 'run', 'journal.ndjson');
  expect(readJournal(path)).toBeUndefined();
  mkdirSync(path, { recursive: true });
  expect(() => readJournal(path)).toThrow(UsageError);
  expect(() => readJournal(path)).toThrow(`found a folder; start over with --fresh`);
});

test('a partial write continues with the rest', () => {
  const path = join(temporaryFolder(), 'run', 'journal.ndjson');
  changeCall(
    'writeSync',
    (write) =>
      (fd, bytes, from = 0) =>
        write(fd, bytes, from, Math.min(7, bytes.length - from)),
  );
  {
    using journal = JournalFile.create(path);
    journal.append(lines);
  }
  expect(readFileSync(path, 'utf8')).toBe(text);
});

test('a failed sync of the journal is an error of the machine, also for later callers', async () => {
  using journal = JournalFile.create(join(temporaryFolder(), 'run', 'journal.ndjson'));
  await journal.sync();
  changeCall('fdatasync', () => (_fd, done) => done(refused('EIO', 'fdatasync')));
  await expect(journal.sync()).rejects.toThrow(SystemError);
  await expect(journal.sync()).rejects.toThrow('journal.ndjson: expected to sync it, found');
});

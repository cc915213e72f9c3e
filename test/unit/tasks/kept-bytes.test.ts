// Tests views of bytes that a job takes out of a record and keeps longer than the record lasts.

import { expect, test } from 'vitest';

import { BLOCK_BYTES } from '../../../src/formats/chunk/slice-blocks.ts';
import { failureOf, jobFile, PlannedRun } from '../../fixtures/planned-run.ts';

async function planned(format: string, fields: string, text: string): Promise<PlannedRun> {
  const job = jobFile(
    `input: ${format}(), ${fields}, reduce: (key, values) => [...values].length } as any);\nimport { byteBlocks, byteLines, fields, words } from 'http-mapreduce';\nconst kept: any[] = [];\n(0, {`,
  );
  return PlannedRun.make({ job, texts: [text], mapCount: 1, reduceCount: 1 });
}

test('fields and words that are collected before use keep their bytes', async () => {
  for (const code of [
    "const [ip, path] = fields(line, ' '); emit(ip, 1); emit(path, 1);",
    'const [ip, path] = words(line); emit(ip, 1); emit(path, 1);',
    "const both = [...fields(line, ' ')]; emit(both[0], 1); emit(both[1], 1);",
    'for (const part of Array.from(words(line)).slice(0, 2)) emit(part, 1);',
    "const parts = fields(line, ' ')[Symbol.iterator](); const ip = parts.next(), path = parts.next(); emit(ip.value, 1); emit(path.value, 1);",
  ]) {
    const run = await planned('byteLines', `map(line, { emit }) { ${code} }`, 'a x 1\nb x 1\na y 1\n');
    expect(await run.outputs()).toEqual(['a\t2\nb\t1\nx\t2\ny\t1\n']);
    expect((await run.sequential()).join('')).toBe('a\t2\nb\t1\nx\t2\ny\t1\n');
  }
});

test('a record can be kept within its block, and differs from the next one', async () => {
  const code = 'map(line, { emit }) { kept.push(line); if (kept.length === 3) for (const one of kept) emit(one, 1); }';
  const run = await planned('byteLines', code, 'a\nb\nc\n');
  expect(await run.outputs()).toEqual(['a\t1\nb\t1\nc\t1\n']);
});

/** Returns two blocks of lines of 16 characters, all different. */
const BLOCKS = Array.from({ length: (2 * BLOCK_BYTES) / 16 }, (_, at) => `${String(at).padStart(10, '0')}-word\n`).join(
  '',
);
const LAST = BLOCKS.slice(-16, -1);

test.for([
  ['a record as a key', 'byteLines', 'emit(kept[0], 1)'],
  ['a record as a text', 'byteLines', 'emit(kept[0].toString(), 1)'],
  ['words of a record', 'byteLines', 'emit.each(words(kept[0]), 1)'],
  ['fields of a record', 'byteLines', "emit.each(fields(kept[0], '-'), 1)"],
  ['a word as a key', 'byteLines', 'emit(kept[1], 1)'],
  ['a block', 'byteBlocks', 'emit.each(words(kept[0]), 1)'],
] as const)(
  'a view that is kept longer than its block of input causes an error at any use: %s',
  async ([, format, code]) => {
    const map = `map(record, { emit }) {
    if (kept.length === 0) kept.push(record, ...[...words(record)].slice(0, 1));
    else if (record.length > 1000 || record.toString() === '${LAST}') ${code};
  }`;
    const run = await planned(format, map, BLOCKS);
    const failure = await failureOf(run.run('map', 0));
    expect(failure).toMatchObject({ kind: 'job', place: { file: '0.txt' } });
    expect(failure.message).toMatch(/^Bytes were kept beyond their record: .*toString\(\) to keep them$/);
  },
);

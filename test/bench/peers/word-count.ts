// Counts the words of a file as one does without a framework: in one pass, with a regular expression and a Map.
//
//   node word-count.ts FILE [PROCESSES]      prints `word TAB count`
//
// It has the same map and reduce as the plain string job, in one loop, to show what the engine costs.

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import { readLines } from './read-lines.ts';
import { writeEntries } from './write-counts.ts';

const [path, processes = '1', part] = process.argv.slice(2);
if (path === undefined) throw new Error('usage: word-count.ts FILE [PROCESSES]');

if (part !== undefined) {
  process.send!([...countPart(path, Number(part), Number(processes))]);
} else if (processes === '1') {
  writeEntries(countPart(path, 0, 1));
} else {
  const parts = await Promise.all(
    Array.from({ length: Number(processes) }, (_, number) => countElsewhere(path, number)),
  );
  const counts = new Map<string, number>();
  for (const [word, count] of parts.flat()) counts.set(word, (counts.get(word) ?? 0) + count);
  writeEntries(counts);
}

function countPart(file: string, number: number, partCount: number): Map<string, number> {
  const counts = new Map<string, number>();
  readLines(file, number, partCount, (line) => {
    for (const [word] of line.matchAll(/\p{L}+/gu)) counts.set(word, (counts.get(word) ?? 0) + 1);
  });
  return counts;
}

async function countElsewhere(file: string, number: number): Promise<[string, number][]> {
  const child = fork(fileURLToPath(import.meta.url), [file, processes, String(number)], { serialization: 'advanced' });
  const [counts] = (await once(child, 'message')) as [[string, number][]];
  return counts;
}

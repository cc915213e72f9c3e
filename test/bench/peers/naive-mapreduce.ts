// MapReduce as it is taught: every pair is kept, objects are sorted, and the files between map and reduce are JSON, one line per
// pair. Each map task and each reduce task runs in a separate process.
//
//   node naive-mapreduce.ts FILE PROCESSES      prints `word TAB count`

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { readLines } from './read-lines.ts';

interface Pair {
  readonly key: string;
  readonly value: number;
}

const [path, processes, phase, number] = process.argv.slice(2);
if (path === undefined || processes === undefined) throw new Error('usage: naive-mapreduce.ts FILE PROCESSES');
const taskCount = Number(processes);

if (phase === 'map') map(Number(number));
else if (phase === 'reduce') reduce(Number(number));
else {
  await phaseElsewhere('map');
  await phaseElsewhere('reduce');
  for (let task = 0; task < taskCount; task++) process.stdout.write(readFileSync(`out-${task}`));
}

function map(task: number): void {
  const partitions: Pair[][] = Array.from({ length: taskCount }, () => []);
  readLines(path!, task, taskCount, (line) => {
    for (const [key] of line.matchAll(/\p{L}+/gu)) partitions[hashOf(key) % taskCount]!.push({ key, value: 1 });
  });
  for (const [partition, pairs] of partitions.entries()) {
    pairs.sort(byKey);
    writeFileSync(`mr-${task}-${partition}`, `${pairs.map((pair) => JSON.stringify(pair)).join('\n')}\n`);
  }
}

function reduce(task: number): void {
  const pairs = Array.from({ length: taskCount }, (_, mapTask) =>
    readFileSync(`mr-${mapTask}-${task}`, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Pair),
  ).flat();
  pairs.sort(byKey);
  const counts: [string, number][] = [];
  for (let start = 0; start < pairs.length;) {
    let end = start;
    let sum = 0;
    for (; end < pairs.length && pairs[end]!.key === pairs[start]!.key; end++) sum += pairs[end]!.value;
    counts.push([pairs[start]!.key, sum]);
    start = end;
  }
  writeFileSync(`out-${task}`, counts.map(([key, count]) => `${key}\t${count}\n`).join(''));
}

async function phaseElsewhere(name: string): Promise<void> {
  const file = fileURLToPath(import.meta.url);
  const children = Array.from({ length: taskCount }, (_, task) => fork(file, [path!, processes!, name, String(task)]));
  const ends = (await Promise.all(children.map((child) => once(child, 'exit')))) as [number | null][];
  if (ends.some(([exitCode]) => exitCode !== 0)) throw new Error(`a ${name} task ended with ${ends.join(', ')}`);
}

function byKey(a: Pair, b: Pair): number {
  return a.key < b.key ? -1 : a.key > b.key ? 1 : 0;
}

function hashOf(key: string): number {
  let hash = 1;
  for (let at = 0; at < key.length; at++) hash = (Math.imul(hash, 31) + key.charCodeAt(at)) | 0;
  return hash >>> 0;
}

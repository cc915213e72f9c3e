// Sums up hits and bytes of each path and status of an access log: `node access-log-report.ts FILE`.

import { readLines } from './read-lines.ts';
import { writeEntries } from './write-counts.ts';

const [path] = process.argv.slice(2);
if (path === undefined) throw new Error('usage: access-log-report.ts FILE');

const traffic = new Map<string, { hits: number; bytes: number }>();
readLines(path, 0, 1, (line) => {
  const [, , , , , , requested, , status, sent] = line.split(' ');
  const key = `${requested} ${status}`;
  let entry = traffic.get(key);
  if (entry === undefined) traffic.set(key, (entry = { hits: 0, bytes: 0 }));
  entry.hits++;
  if (sent !== '-') entry.bytes += Number(sent);
});
writeEntries(traffic.entries().map(([key, { hits, bytes }]) => [key, `${hits} ${bytes}`] as const));

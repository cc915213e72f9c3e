// Sums up hits and bytes sent of each path and status in an access log in the common log format.

import { defineJob, fields, type MapContext } from 'http-mapreduce';

/** Hits and bytes. */
type Traffic = readonly [hits: number, bytes: number];

const PATH = 6;
const STATUS = 8;
const BYTES = 9;

export default defineJob({
  name: 'access-log-report',
  map(line: string, { emit }: MapContext<Traffic>) {
    const field = [...fields(line, ' ')];
    // A hyphen means that nothing was sent.
    const bytes = field[BYTES] === '-' ? 0 : Number(field[BYTES]);
    emit(`${field[PATH]} ${field[STATUS]}`, [1, bytes]);
  },
  combine: (_key, values) => total(values),
  reduce: (_key, values) => total(values).join(' '),
});

function total(values: Iterable<Traffic>): Traffic {
  let [hits, bytes] = [0, 0];
  for (const value of values) {
    hits += value[0];
    bytes += value[1];
  }
  return [hits, bytes];
}

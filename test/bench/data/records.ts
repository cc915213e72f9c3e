// Generates records as in sort benchmarks: 100 bytes, of which the first ten are random and printable.
//
// The key is followed by a tab and a rising number. So a job that emits the ten bytes as the key and the rest as
// the value writes the same records again, and records with the same key are in the order of the whole records.

import type { Random } from './random.ts';
import type { WriteLine } from './write-lines.ts';

const RECORD_BYTES = 100;
const KEY_BYTES = 10;
const FIRST_PRINTABLE = 0x20;
const PRINTABLE_COUNT = 95;
const NUMBER_DIGITS = 16;
const FILLER = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'.repeat(3).slice(0, RECORD_BYTES - KEY_BYTES - NUMBER_DIGITS - 3);

/** A writer of records. */
export function recordWriter(random: Random): WriteLine {
  const rest = Buffer.from(`\t${'0'.repeat(NUMBER_DIGITS)} ${FILLER}\n`);
  let number = 0;
  return (block, at) => {
    for (let i = 0; i < KEY_BYTES; i++) block[at + i] = FIRST_PRINTABLE + random.below(PRINTABLE_COUNT);
    rest.copy(block, at + KEY_BYTES);
    block.write(number.toString(16).padStart(NUMBER_DIGITS, '0'), at + KEY_BYTES + 1, 'latin1');
    number++;
    return at + RECORD_BYTES;
  };
}

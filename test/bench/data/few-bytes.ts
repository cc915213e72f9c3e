// Generates inputs of which only the number of lines matters, for the cases that measure memory.

import type { Random } from './random.ts';
import type { WriteLine } from './write-lines.ts';

const DIGITS = 16;

/** A writer of distinct keys: rising numbers, mixed so that neighbours have nothing in common. */
export function distinctKeyWriter(random: Random): WriteLine {
  const salt = random.next();
  let number = 0;
  return (block, at) => {
    // Multiplications with odd factors and xor-shifts can be undone, so two numbers never become the same.
    let mixed = Math.imul(number++ ^ salt, 0x9e3779b1);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x85ebca6b);
    const text = (mixed >>> 0).toString(16).padStart(DIGITS / 2, '0');
    return at + block.write(`key-${text}-${text}\n`, at, 'latin1');
  };
}

/** A writer of lines that count from 0. */
export function numberWriter(): WriteLine {
  let number = 0;
  return (block, at) => at + block.write(`${String(number++).padStart(7, '0')}\n`, at, 'latin1');
}

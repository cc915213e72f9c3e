// Reads an open file by position, for formats that look for record boundaries.

import { readSync } from 'node:fs';

import type { RandomAccess } from './format.ts';

export function randomAccess(fd: number, size: number): RandomAccess {
  return {
    size,
    read: (target, position) => readSync(fd, target, 0, Math.min(target.byteLength, size - position), position),
  };
}

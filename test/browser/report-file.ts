// Writes a report that a browser opens from disk.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { reportPage } from '../../src/files/page-file.ts';
import type { Scratch } from '../fixtures/scratch.ts';

/** Writes a report, and returns its URL. */
export function reportOf(scratch: Scratch, journal: string): string {
  const path = join(scratch.dir, 'report.html');
  writeFileSync(path, Buffer.concat([...reportPage([Buffer.from(journal)])]));
  return pathToFileURL(path).href;
}

// What runs in a clone: the bundle while it is what the source says, and else the source.

import { appendFileSync, cpSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect } from 'vitest';

import { ROOT, succeeded, test } from '../fixtures/scratch.ts';

test('a clone runs the bundle until the source has changed, and the source where there is no bundle', async ({
  scratch,
}) => {
  const clone = join(scratch.dir, 'clone');
  for (const name of ['package.json', 'bin', 'src', 'tools', 'dist'])
    cpSync(join(ROOT, name), join(clone, name), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(clone, 'node_modules'));
  const jobs = async (): Promise<string> => {
    const command = scratch.startProgram(process.execPath, [join(clone, 'bin/mapreduce.js'), 'jobs']);
    return succeeded(await command.finished).stdout;
  };
  // It says which one it is.
  const bundled = join(clone, 'dist/jobs/grep.js');
  writeFileSync(bundled, readFileSync(bundled, 'utf8').replace(/description: "/, '$&BUNDLED '));

  expect(await jobs()).toContain('BUNDLED');
  const source = join(clone, 'src/jobs/grep.ts');
  const before = readFileSync(source);
  appendFileSync(source, '// A remark.\n');
  expect(await jobs()).not.toContain('BUNDLED');
  writeFileSync(source, before);
  expect(await jobs()).toContain('BUNDLED');
  rmSync(join(clone, 'dist'), { recursive: true });
  expect(await jobs()).not.toContain('BUNDLED');
});

#!/usr/bin/env node
// The command. In an installed package it runs the bundle in dist/. In a clone it runs the bundle made from src/ as it is now,
// or, if there is none, the TypeScript in src/. Its exit codes are those of src/exit-codes.ts, which is not loaded yet.
import { existsSync } from 'node:fs';
// The default export, not a named one: an old Node lacks the function, and would fail here instead of saying what to do.
import module from 'node:module';

if (Number.parseInt(process.versions.node, 10) < 24) {
  process.stderr.write(
    `mapreduce: expected Node 24 or newer, found ${process.version}; \`npx mapreduce\` and \`npm run\` bring Node 26\n`,
  );
  process.exit(2); // EXIT_CODES.usage
}

// Keeps compiled code, with types stripped, for the next start: that halves the time to the first line.
module.enableCompileCache();

// `npm run driver` runs in the folder of the package, but paths are relative to the folder in which it was typed.
const { npm_lifecycle_event: script, npm_package_name: packageName, INIT_CWD: typedIn } = process.env;
if (packageName === 'http-mapreduce' && ['driver', 'workers', 'reset'].includes(script) && existsSync(typedIn))
  process.chdir(typedIn);

const source = new URL('../src/cli/main.ts', import.meta.url);
const built = new URL('../dist/cli/main.js', import.meta.url);
const main = existsSync(source) ? ((await bundleOfClone())?.href ?? source.href) : built.href;
try {
  await import(main);
} catch (error) {
  // Nothing of ours is loaded yet that could describe it better.
  if (typeof error?.errno !== 'number') throw error;
  process.stderr.write(`mapreduce: ${main}: expected a program that can be read, found: ${error.message}\n`);
  process.exit(6); // EXIT_CODES.system
}

/** The bundle of these very sources; undefined if there is none. */
async function bundleOfClone() {
  try {
    const { sourceDigest } = await import('../tools/source-digest.ts');
    const bundle = new URL(`../.bundle/${sourceDigest()}/cli/main.js`, import.meta.url);
    return existsSync(bundle) ? bundle : undefined;
  } catch {
    // Something in src/ cannot be read, or vanishes while it is read: loading the source will show what that means.
    return undefined;
  }
}

#!/usr/bin/env node
// The command. In an installed package it runs the bundle in dist/; in a clone the bundle that was made of src/ as it is now, and
// where there is none, the TypeScript in src/ as it stands.
import { existsSync } from 'node:fs';
// Not by name: an old Node, which has no such function, would end at this line, not at the one that says what to do.
import module from 'node:module';

if (Number.parseInt(process.versions.node, 10) < 24) {
  process.stderr.write(
    `mapreduce: expected Node 24 or newer, found ${process.version}; \`npx mapreduce\` and \`npm run\` bring Node 26\n`,
  );
  process.exit(2);
}

// What Node has compiled, types stripped, is kept for the next start: it halves the time to the first line.
module.enableCompileCache();

// `npm run driver` works in the folder of the package: the paths are meant from where it was typed.
const { npm_lifecycle_event: script, npm_package_name: packageName, INIT_CWD: typedIn } = process.env;
if (packageName === 'http-mapreduce' && ['driver', 'workers', 'reset'].includes(script) && existsSync(typedIn))
  process.chdir(typedIn);

const source = new URL('../src/cli/main.ts', import.meta.url);
const built = new URL('../dist/cli/main.js', import.meta.url);
const main = existsSync(source) ? ((await bundleOfClone())?.href ?? source.href) : built.href;
try {
  await import(main);
} catch (error) {
  // Nothing of ours is loaded that could say it better.
  if (typeof error?.errno !== 'number') throw error;
  process.stderr.write(`mapreduce: ${main}: expected a program that can be read, found: ${error.message}\n`);
  process.exit(6);
}

/** The bundle of this very source; undefined where there is none. */
async function bundleOfClone() {
  try {
    const { sourceDigest } = await import('../tools/source-digest.ts');
    const bundle = new URL(`../.bundle/${sourceDigest()}/cli/main.js`, import.meta.url);
    return existsSync(bundle) ? bundle : undefined;
  } catch {
    // Something in src/ cannot be read, or goes while it is read: the source itself will show what that means.
    return undefined;
  }
}

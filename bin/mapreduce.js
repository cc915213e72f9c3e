#!/usr/bin/env node
// The command. In an installed package it runs the bundle in dist/; in a clone, too, while that is what src/ says, and else
// the TypeScript in src/ as it stands.
import { existsSync, readFileSync } from 'node:fs';
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

const source = new URL('../src/cli/main.ts', import.meta.url);
const bundle = new URL('../dist/cli/main.js', import.meta.url);
await import((await isBundleToUse()) ? bundle.href : source.href);

async function isBundleToUse() {
  if (!existsSync(source)) return true;
  const digest = new URL('../dist/source-digest', import.meta.url);
  if (!existsSync(digest)) return false;
  const { sourceDigest } = await import('../tools/source-digest.ts');
  return readFileSync(digest, 'utf8') === sourceDigest();
}

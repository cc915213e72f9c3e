#!/usr/bin/env node
// The command. In a clone it runs the TypeScript in src/ as it stands; in an installed package, where Node refuses
// TypeScript below node_modules, what the build left in dist/.
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

const source = new URL('../src/cli/main.ts', import.meta.url);
const built = new URL('../dist/cli/main.js', import.meta.url);

await import(existsSync(source) ? source.href : built.href);

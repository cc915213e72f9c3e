// Bundles what runs, with the packages that it uses, into dist/: `node tools/bundle.ts`. A worker starts from a dozen files
// instead of a hundred, a run of a few megabytes takes three quarters of the time. The package has the bundle alone; in a
// clone the command uses it while it is what the source says.

import { copyFileSync, globSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

import type { Plugin } from 'rolldown';

import { sourceDigest } from './source-digest.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const SOURCE = join(ROOT, 'src');
const TARGET = join(ROOT, 'dist');

/** What is started or imported by its path. */
const ENTRIES = ['cli/main', 'worker/main', 'worker/thread', 'runners/sample-thread', 'index', 'run', 'jobs/*'];
/** What is read by its path. */
const ASSETS = ['kernel/kernel.wasm', 'status/page.html'];
/**
 * What is loaded where it is asked for: logs and metrics, msgpackr's native part, and what Fastify has for JSON schemas and
 * for tests, which we have not.
 */
const EXTERNAL = [
  /^node:/,
  'pino',
  'pino-pretty',
  'prom-client',
  'msgpackr',
  '@fastify/ajv-compiler',
  '@fastify/fast-json-stringify-compiler',
  'light-my-request',
];

/** A file of ours finds others by `import.meta.url`, which is where it was, not in which chunk it has come to be. */
const ownPlaces: Plugin = {
  name: 'own-places',
  transform(code, id) {
    if (!id.startsWith(SOURCE) || !code.includes('import.meta.url')) return undefined;
    return code.replaceAll('import.meta.url', `ownPlace(${JSON.stringify(builtName(id))})`);
  },
  renderChunk(code, { fileName }) {
    return code.replaceAll(/ownPlace\("(.*?)"\)/g, (_, name: string) => {
      const path = relative(dirname(fileName), name);
      return `new URL(${JSON.stringify(path)}, import.meta.url).href`;
    });
  },
};

/**
 * Fastify asks semver whether a plugin is made for its version. No plugin of ours says for which one it is made, so the 43
 * modules of semver run when they are asked for.
 */
const lateSemver: Plugin = {
  name: 'late-semver',
  resolveId: (id) => (id === 'semver' ? '\0late-semver' : undefined),
  load: (id) =>
    id === '\0late-semver'
      ? `exports.satisfies = (...version) => require('semver/index.js').satisfies(...version);`
      : null,
};

rmSync(TARGET, { recursive: true, force: true });
const { rolldown } = await import('rolldown').catch(() => {
  // As after `npm ci --omit=dev`: nothing is lost but time.
  console.error('no bundle: rolldown is not installed, so the TypeScript runs as it stands');
  process.exit();
});
const names = ENTRIES.flatMap((entry) => globSync(`${entry}.ts`, { cwd: SOURCE })).map((file) => file.slice(0, -3));
const build = await rolldown({
  input: Object.fromEntries(names.map((name) => [name, join(SOURCE, `${name}.ts`)])),
  platform: 'node',
  external: EXTERNAL,
  resolve: { alias: { 'http-mapreduce': join(SOURCE, 'index.ts') } },
  plugins: [ownPlaces, lateSemver],
});
const { output } = await build.write({
  dir: TARGET,
  format: 'esm',
  entryFileNames: '[name].js',
  chunkFileNames: 'chunks/[name].js',
});
await build.close();
for (const asset of ASSETS) {
  mkdirSync(dirname(join(TARGET, asset)), { recursive: true });
  copyFileSync(join(SOURCE, asset), join(TARGET, asset));
}
writeFileSync(
  join(TARGET, 'licences.txt'),
  licencesOf(output.flatMap((chunk) => (chunk.type === 'chunk' ? chunk.moduleIds : []))),
);
writeFileSync(join(TARGET, 'source-digest'), sourceDigest());

function builtName(id: string): string {
  return relative(SOURCE, id).replace(/\.ts$/, '.js');
}

/** Each package that is in the bundle, with its licence. */
function licencesOf(ids: readonly string[]): string {
  const folders = new Set(ids.flatMap((id) => /^\/.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(id)?.[0] ?? []));
  return [...folders].sort().map(licenceIn).join('\n');
}

function licenceIn(folder: string): string {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Record<
    string,
    string
  >;
  const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
  const text = file === undefined ? '' : readFileSync(join(folder, file), 'utf8');
  return `${name} ${version}: ${license}\n\n${text}\n`;
}

// Bundles the program with the packages that it uses. With it a worker starts from a dozen files instead of a hundred, and a run
// of a few megabytes takes three quarters of the time.
//
// `node tools/bundle.ts` makes the bundle of a clone, `.bundle/DIGEST`, which the command runs while the sources have that digest.
// An existing bundle is not touched: something may be running from it. `node tools/bundle.ts dist` makes that of the package.

import {
  copyFileSync,
  existsSync,
  globSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

import type { Plugin, rolldown } from 'rolldown';

import { sourceDigest } from './source-digest.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const SOURCE = join(ROOT, 'src');
const BUNDLES = join(ROOT, '.bundle');
/** This many bundles of a clone are kept: whatever ran from an older one has ended by then. */
const KEPT_BUNDLES = 3;

/** Files that are started or imported by their paths. */
const ENTRIES = [
  'cli/main',
  'worker/worker-main',
  'worker/task-thread',
  'host/host-main',
  'host/host-thread',
  'index',
  'run-job',
  'jobs/*',
];
/** Files that are read by their paths. */
const ASSETS = ['kernel/kernel.wasm', 'files/page.html'];
/**
 * Packages that are loaded only on demand: for logs and metrics, and those of Fastify for JSON schemas and tests, which we do not
 * use. A job gets this package from the code that loads the job, wherever its file is.
 */
const EXTERNAL = [
  /^node:/,
  'http-mapreduce',
  'pino',
  'pino-pretty',
  'prom-client',
  '@fastify/ajv-compiler',
  '@fastify/fast-json-stringify-compiler',
  'light-my-request',
];

/** Our files find others by `import.meta.url`: in a bundle that must be the original place of a file, not that of its chunk. */
const ownUrls: Plugin = {
  name: 'own-places',
  transform(code, id) {
    if (!id.startsWith(SOURCE) || !code.includes('import.meta.url')) return undefined;
    return code.replaceAll('import.meta.url', `ownUrl(${JSON.stringify(builtName(id))})`);
  },
  renderChunk(code, { fileName }) {
    return code.replaceAll(/ownUrl\("(.*?)"\)/g, (_, name: string) => {
      const path = relative(dirname(fileName), name);
      return `new URL(${JSON.stringify(path)}, import.meta.url).href`;
    });
  },
};

/**
 * Fastify uses semver to check whether a plugin fits its version. None of our plugins declares one, so the 43 modules of semver
 * are loaded only on demand.
 */
const lateSemver: Plugin = {
  name: 'late-semver',
  resolveId: (id) => (id === 'semver' ? '\0late-semver' : undefined),
  load(id) {
    if (id !== '\0late-semver') return null;
    const ofFastify = createRequire(createRequire(import.meta.url).resolve('fastify')).resolve('semver');
    return `exports.satisfies = (...version) => require(${JSON.stringify(ofFastify)}).satisfies(...version);`;
  },
};

/** Makes the bundle of a clone, unless it exists, or there is no bundler. */
export async function bundleClone(): Promise<void> {
  const digest = sourceDigest();
  const target = join(BUNDLES, digest);
  if (existsSync(target)) return;
  const made = `${target}.${process.pid}`;
  try {
    if (!(await bundle(made))) return;
    if (sourceDigest() !== digest) throw new Error('the source has changed meanwhile: bundle it again');
    if (!existsSync(target)) renameSync(made, target);
  } finally {
    rmSync(made, { recursive: true, force: true });
  }
  const bundles = readdirSync(BUNDLES).map((name) => join(BUNDLES, name));
  const newestFirst = bundles.toSorted((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs);
  for (const old of newestFirst.slice(KEPT_BUNDLES)) rmSync(old, { recursive: true, force: true });
}

/** Returns `false` if there is no bundler. */
async function bundle(target: string): Promise<boolean> {
  const bundleWith = await bundler();
  if (bundleWith === undefined) return false;
  const names = ENTRIES.flatMap((entry) => globSync(`${entry}.ts`, { cwd: SOURCE })).map((file) => file.slice(0, -3));
  const build = await bundleWith({
    cwd: ROOT,
    input: Object.fromEntries(names.map((name) => [name, join(SOURCE, `${name}.ts`)])),
    platform: 'node',
    external: EXTERNAL,
    // Without its native part, which only pays for the codec of values: that loads it when it is created.
    resolve: { alias: { msgpackr: 'msgpackr/pack' } },
    plugins: [ownUrls, lateSemver],
    onLog: (level, { message }) => {
      if (level === 'warn') throw new Error(message);
    },
  });
  const { output } = await build.write({
    dir: target,
    format: 'esm',
    entryFileNames: '[name].js',
    chunkFileNames: 'chunks/[name].js',
  });
  await build.close();
  for (const asset of ASSETS) {
    mkdirSync(dirname(join(target, asset)), { recursive: true });
    copyFileSync(join(SOURCE, asset), join(target, asset));
  }
  const modules = output.flatMap((chunk) => (chunk.type === 'chunk' ? chunk.moduleIds : []));
  writeFileSync(join(target, 'licences.txt'), licencesOf(modules));
  return true;
}

async function bundler(): Promise<typeof rolldown | undefined> {
  try {
    createRequire(import.meta.url).resolve('rolldown');
  } catch {
    // As after `npm ci --omit=dev`, which leaves out the packages that the sources import too.
    console.error('no bundle: rolldown is not installed; a clone needs its development packages, so run npm ci');
    return undefined;
  }
  return (await import('rolldown')).rolldown;
}

function builtName(id: string): string {
  return relative(SOURCE, id).replace(/\.ts$/, '.js');
}

/** The packages in the bundle, each with its licence. */
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

if (import.meta.main) {
  const [target] = process.argv.slice(2);
  if (target === undefined) {
    await bundleClone();
  } else {
    rmSync(join(ROOT, target), { recursive: true, force: true });
    if (!(await bundle(join(ROOT, target)))) process.exitCode = 1;
  }
}

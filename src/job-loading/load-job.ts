// Loads a job file: imports it, checks the job, reads its parameters. The user's code runs here, so this may only be used in the
// threads for user code of workers and of the job host.

import { spawnSync } from 'node:child_process';
import { registerHooks } from 'node:module';
import { extname } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

import { codeOf, JobError, messageOf, UsageError } from '../errors.ts';
import { blameForIntrinsics } from './intrinsics.ts';
import type { AnyJob, ParamSpec } from '../job.ts';
import { nearest } from './find-job.ts';
import { type JobPart, ModuleGraph } from './module-graph.ts';

const API = new URL(`../index${extname(import.meta.url)}`, import.meta.url).href;
/** What the functions of a job are called with. */
const PARAMETERS = { map: ['record', 'context'], reduce: ['key', 'values', 'context'] } as const;
const KNOWN_FIELDS = ['name', 'description', 'input', 'params', 'env', 'map', 'combine', 'partition', 'reduce'];

/** Names that a request cannot carry: parsers drop fields with these names, because they could change other objects. */
const NO_NAMES: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

/** The modules of this package; its jobs are like any other job. */
const OWN = new URL('..', import.meta.url).href;
const OWN_JOBS = new URL('jobs/', OWN).href;
const graph = new ModuleGraph();

/** The parts of a loaded job, as they are now. */
export function partsOfJob(path: string): JobPart[] {
  return graph.partsOf(path, (url) => url.startsWith(OWN) && !url.startsWith(OWN_JOBS));
}

/** The number of imports in this thread: while it does not change, the job has no new part. */
export function importCount(): number {
  return graph.size;
}

/**
 * Loads the job file at an absolute path. `import 'http-mapreduce'` in it means this very package, wherever the file is.
 * @throws UsageError with file and line, if the file cannot be loaded or does not export a job; JobError if it changes
 * built-ins that the engine uses
 */
export async function loadJob(path: string): Promise<AnyJob> {
  resolveOwnName();
  let module: { default?: unknown };
  try {
    module = (await importOrGiveUp(path)) as { default?: unknown };
  } catch (error) {
    refuseChanges(path);
    throw new UsageError(`${locate(error, path)}: expected a job file that loads, found ${describe(error)}`, {
      cause: error,
    });
  }
  refuseChanges(path);
  const problem = problemOf(module.default);
  if (problem !== undefined)
    throw new UsageError(`${path}:1: expected \`export default defineJob({...})\`, found ${problem}`);
  return module.default as AnyJob;
}

/**
 * Must be called after the job's code has run, before its results are used.
 * @throws JobError if it has changed built-ins that the engine uses
 */
export function refuseChanges(path: string): void {
  const blame = blameForIntrinsics();
  if (blame !== undefined) throw new JobError(`${path}: ${blame}`);
}

/** If a top-level await waits for something that cannot come, Node would end the process without a message of ours. */
async function importOrGiveUp(path: string): Promise<unknown> {
  const { promise, resolve, reject } = Promise.withResolvers<unknown>();
  const giveUp = (): void => reject(new Error('an await at its top level that nothing ends'));
  process.once('beforeExit', giveUp);
  // Not by race(): it calls `then`, which the file may have changed.
  const load = async (): Promise<void> => {
    try {
      resolve(await import(pathToFileURL(path).href));
    } catch (error) {
      reject(error);
    }
  };
  void load();
  try {
    return await promise;
  } finally {
    process.off('beforeExit', giveUp);
  }
}

/**
 * Converts the texts of `--param name=value` into values as the job declares them.
 * @throws UsageError for a name that the job does not declare, or a value that it does not accept
 */
export function readParams(job: AnyJob, given: Readonly<Record<string, string>>): Record<string, unknown> {
  const refused = Object.keys(given).find((name) => NO_NAMES.has(name));
  if (refused !== undefined)
    throw new UsageError(`--param ${refused}: expected another name, found one that JavaScript keeps for itself`);
  const specs = job.params as Readonly<Record<string, ParamSpec>> | undefined;
  if (specs === undefined) return { ...given };
  for (const name of Object.keys(given)) {
    if (Object.hasOwn(specs, name)) continue;
    const names = Object.keys(specs);
    throw new UsageError(
      `--param ${name}: expected a parameter of ${job.name} (${names.join(', ') || 'it takes none'}), found ${name}`,
    );
  }
  return Object.fromEntries(
    Object.entries(specs).map(([name, spec]) => [
      name,
      readParam(job, name, spec, Object.hasOwn(given, name) ? given[name] : undefined),
    ]),
  );
}

function readParam(job: AnyJob, name: string, spec: ParamSpec, text: string | undefined): unknown {
  if (typeof spec === 'string') return text ?? spec;
  if (typeof spec === 'number') {
    const value = text === undefined ? spec : text.trim() === '' ? NaN : Number(text);
    if (Number.isFinite(value)) return value;
    throw new UsageError(`--param ${name} of ${job.name}: expected a number, found ${text}`);
  }
  if (typeof spec === 'function') {
    try {
      return spec(text);
    } catch (error) {
      throw new UsageError(`--param ${name}=${text ?? ''} of ${job.name}: ${messageOf(error)}`, { cause: error });
    }
  }
  if (text === undefined || spec.includes(text)) return text ?? spec[0];
  throw new UsageError(`--param ${name} of ${job.name}: expected ${spec.join(' or ')}, found ${text}`);
}

/** The parameters that a job accepts, in words; undefined if it accepts any. */
export function describeParams(job: AnyJob): { name: string; takes: string }[] | undefined {
  const specs = job.params as Readonly<Record<string, ParamSpec>> | undefined;
  if (specs === undefined) return undefined;
  return Object.entries(specs).map(([name, spec]) => ({ name, takes: describeParam(spec) }));
}

function describeParam(spec: ParamSpec): string {
  if (typeof spec === 'string') return `a text (default: ${JSON.stringify(spec)})`;
  if (typeof spec === 'number') return `a number (default: ${spec})`;
  return typeof spec === 'function' ? 'what the job makes of it' : `${spec.join(' or ')} (default: ${spec[0]})`;
}

function problemOf(job: unknown): string | undefined {
  if (job === undefined) return 'no default export';
  if (typeof job !== 'object' || job === null)
    return `a default export that is ${job === null ? 'null' : `a ${typeof job}`}`;
  const fields = job as Record<string, unknown>;
  if (typeof fields['name'] !== 'string' || fields['name'] === '') return 'a job without a name';
  for (const name of ['map', 'reduce'])
    if (typeof fields[name] !== 'function') return `a job without a ${name} function`;
  for (const [name, parameters] of Object.entries(PARAMETERS)) {
    if ((fields[name] as () => unknown).length > parameters.length)
      return `a ${name} with more parameters than ${parameters.join(', ')}: emit is in the context`;
  }
  if (fields['combine'] !== undefined && typeof fields['combine'] !== 'function')
    return 'a combine that is no function';
  const { input, params, env, partition } = fields;
  if (input !== undefined && !isFormat(input)) return 'an input that is no format, such as lines()';
  if (partition !== undefined && partition !== 'hash' && partition !== 'range')
    return `a partition that is ${JSON.stringify(partition)}, neither "hash" nor "range"`;
  const refused = Object.keys(params ?? {}).find((name) => NO_NAMES.has(name));
  if (refused !== undefined) return `a parameter ${refused}, a name that JavaScript keeps for itself`;
  if (params !== undefined && !isParamSpecs(params)) return 'params that are not as described for defineJob';
  if (env !== undefined && !isVariableList(env)) return 'an env that is no list of names of variables';
  const unknown = Object.keys(fields).find((field) => !KNOWN_FIELDS.includes(field));
  if (unknown !== undefined) return `an unknown field ${unknown} (nearest: ${nearest(unknown, KNOWN_FIELDS)[0]})`;
  return undefined;
}

function isVariableList(env: unknown): boolean {
  return Array.isArray(env) && env.every((name) => typeof name === 'string' && /^[A-Za-z_]\w*$/.test(name));
}

function isFormat(input: unknown): boolean {
  return typeof input === 'object' && input !== null && 'open' in input && typeof input.open === 'function';
}

function isParamSpecs(params: unknown): boolean {
  const isChoice = (spec: unknown): boolean =>
    Array.isArray(spec) && spec.length > 0 && spec.every((choice) => typeof choice === 'string');
  const isSpec = (spec: unknown): boolean => ['string', 'number', 'function'].includes(typeof spec) || isChoice(spec);
  return typeof params === 'object' && params !== null && Object.values(params).every(isSpec);
}

/** Where loading failed, as `path:line`: a syntax error has its location first, a thrown error has it in its stack. */
function locate(error: unknown, path: string): string {
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  const syntax =
    syntaxErrorPlace(stack) ?? (error instanceof SyntaxError ? syntaxErrorPlace(checkSyntax(path)) : undefined);
  if (syntax !== undefined) return syntax;
  const line = new RegExp(`${RegExp.escape(pathToFileURL(path).href)}:(\\d+)`).exec(stack)?.[1];
  return `${path}:${line ?? 1}`;
}

function syntaxErrorPlace(text: string): string | undefined {
  const [, file, line] = /^(\/.*|file:\/\/.*):(\d+)$/.exec(text.split('\n', 1)[0] ?? '') ?? [];
  if (file === undefined) return undefined;
  return `${file.startsWith('/') ? file : fileURLToPath(file)}:${line}`;
}

/** Node shows the location of a syntax error in JavaScript only when a process ends with it, so this starts one. */
function checkSyntax(path: string): string {
  return spawnSync(process.execPath, ['--check', path], { encoding: 'utf8' }).stderr;
}

function describe(error: unknown): string {
  const code = codeOf(error);
  const name = error instanceof Error ? error.name : 'Error';
  const text = messageOf(error).split('\n', 1)[0];
  if (code?.startsWith('ERR_UNSUPPORTED_TYPESCRIPT')) return `${text} (types are stripped, not compiled)`;
  const [, missing] = /does not provide an export named '(.+)'/.exec(text ?? '') ?? [];
  const advice = missing === undefined ? '' : `; if ${missing} is a type, write \`import type { ${missing} }\``;
  return `${name}: ${text}${advice}`;
}

let resolving = false;

/**
 * Makes `http-mapreduce` mean this package for job files anywhere, and TypeScript files modules, without Node's warning about a
 * missing `"type"`. Records which modules import which.
 */
function resolveOwnName(): void {
  if (resolving) return;
  resolving = true;
  registerHooks({
    resolve(specifier, context, next) {
      if (specifier === 'http-mapreduce') return { url: API, shortCircuit: true };
      const found = next(specifier, context);
      if (context.parentURL !== undefined) graph.add(context.parentURL, found.url);
      const typeScript = /\.m?ts$/.test(new URL(found.url).pathname) && !found.url.includes('/node_modules/');
      return typeScript ? { ...found, format: 'module-typescript' } : found;
    },
  });
}

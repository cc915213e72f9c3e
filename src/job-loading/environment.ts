// The environment that a job's code sees, in every process the same: what most programs want to know, and the variables that the job
// declares, as the driver has them. A variable that is set there, and not declared, is not silently missing.

import { syncBuiltinESMExports } from 'node:module';
import { fileURLToPath } from 'node:url';

const BASICS =
  /^(?:FORCE_COLOR|HOME|LANG|LANGUAGE|LC_\w+|LOGNAME|NODE_ENV|NO_COLOR|PATH|SHELL|TEMP|TERM|TMP|TMPDIR|TZ|USER)$/;
/** What this package tells its own processes, such as the token. */
const OURS = /^(?:MAPREDUCE_\w*|NODE_COMPILE_CACHE|NODE_CHANNEL_\w+)$/;

export interface JobEnvironment {
  readonly env: Readonly<Record<string, string>>;
  /** The names of those that the driver has, and the job does not declare. */
  readonly withheld: readonly string[];
}

type Variables = Readonly<Record<string, string | undefined>>;

/** Of the driver's variables, those that a job sees. */
export function environmentOf(variables: Variables, declared: readonly string[]): JobEnvironment {
  const env: Record<string, string> = {};
  const withheld: string[] = [];
  for (const [name, value] of Object.entries(variables)) {
    if (value === undefined || OURS.test(name)) continue;
    if (BASICS.test(name) || declared.includes(name)) env[name] = value;
    else withheld.push(name);
  }
  return { env, withheld };
}

/** Makes it the environment of this thread. Reading what is withheld throws, if it is the job's own code that reads. */
export function useEnvironment({ env, withheld }: JobEnvironment): void {
  const names = new Set(withheld);
  show(env, (name, place) => {
    if (names.has(name) && !Object.hasOwn(shown, name)) throw new Error(undeclared(name, place));
  });
}

/**
 * Makes `variables` the environment of this thread, for a job of which nobody knows yet what it declares: who asks for one by its name
 * gets it, who lists all sees those that every job has. Returns what was asked for by the job's own code, with the place.
 */
export function watchEnvironment(variables: Variables): ReadonlyMap<string, string> {
  const reads = new Map<string, string>();
  const { env } = environmentOf(variables, []);
  const { env: all } = environmentOf(variables, Object.keys(variables));
  show(env, (name, place) => {
    if (!reads.has(name)) reads.set(name, place);
  });
  unlisted = all;
  return reads;
}

/** What to say of a variable that a job reads, and does not declare. */
export function undeclared(name: string, place: string): string {
  return `${place}: expected that the job declares the variable ${name}, which it reads and which is set; add env: ['${name}'] to defineJob`;
}

type OnRead = (name: string, place: string) => void;

/** What the thread has as its environment: one object, because a job may keep it. */
const shown: Record<string, string> = {};
let given: Readonly<Record<string, string>> = {};
/** What is not listed, and is there for who asks for it by its name. */
let unlisted: Readonly<Record<string, string>> = {};
/** Hears of each variable that the job's own code reads, and where, as `path:line`. */
let onRead: OnRead = () => {};

const watched = new Proxy<NodeJS.ProcessEnv>(shown, {
  get(target, name) {
    noteRead(name);
    return (Reflect.get(target, name) as string | undefined) ?? unlistedOf(name);
  },
  has(target, name) {
    noteRead(name);
    return Reflect.has(target, name) || unlistedOf(name) !== undefined;
  },
  getOwnPropertyDescriptor(target, name) {
    // What is there is asked for by all that lists the names, too.
    if (Object.hasOwn(target, name)) return Reflect.getOwnPropertyDescriptor(target, name);
    noteRead(name);
    const value = unlistedOf(name);
    return value === undefined ? undefined : { value, writable: true, enumerable: true, configurable: true };
  },
  set(target, name, value) {
    // As in the real one, every value is a text.
    target[name as string] = String(value);
    return true;
  },
});

/** Puts other variables in place of those that were given before. What the job has set itself stays. */
function show(env: Readonly<Record<string, string>>, listener: OnRead): void {
  for (const [name, value] of Object.entries(given)) {
    if (!Object.hasOwn(env, name) && shown[name] === value) delete shown[name];
  }
  for (const [name, value] of Object.entries(env)) if (!Object.hasOwn(given, name)) shown[name] = value;
  given = env;
  unlisted = {};
  onRead = listener;
  process.env = watched;
  // Also for those that import `env` by its name.
  syncBuiltinESMExports();
}

function unlistedOf(name: string | symbol): string | undefined {
  return typeof name === 'string' && Object.hasOwn(unlisted, name) ? unlisted[name] : undefined;
}

function noteRead(name: string | symbol): void {
  if (typeof name !== 'string' || BASICS.test(name)) return;
  const place = userPlaceIn(new Error().stack ?? '');
  if (place !== undefined) onRead(name, place);
}

/** The place of the code that has read, unless that is Node or a package: a package asks for much that it can do without. */
function userPlaceIn(stack: string): string | undefined {
  // Below the message, `noteRead` and the Proxy's own; `Reflect.get` and the like have no place.
  const reader = stack
    .split('\n')
    .slice(3)
    .find((line) => !line.endsWith('(<anonymous>)'));
  const [, place, line] = /^\s+at .*?((?:file:\/\/|\/)[^\s()]*.*?):(\d+):\d+\)?$/.exec(reader ?? '') ?? [];
  if (place === undefined || place.includes('/node_modules/')) return undefined;
  return `${place.startsWith('file:') ? fileURLToPath(place) : place}:${line}`;
}

// The environment that a job's code sees, the same in every process: common variables, and those that the job declares, with the
// values of the driver. A variable that is set but not declared is not silently missing: reading it is an error.

import { syncBuiltinESMExports } from 'node:module';
import { fileURLToPath } from 'node:url';

const BASICS =
  /^(?:FORCE_COLOR|HOME|LANG|LANGUAGE|LC_\w+|LOGNAME|NODE_ENV|NO_COLOR|PATH|SHELL|TEMP|TERM|TMP|TMPDIR|TZ|USER)$/;
/** Variables for this package's own processes, such as the token. */
const OURS = /^(?:MAPREDUCE_\w*|NODE_COMPILE_CACHE|NODE_CHANNEL_\w+)$/;

export interface JobEnvironment {
  readonly env: Readonly<Record<string, string>>;
  /** The names of the variables that the driver has and the job does not declare. */
  readonly withheld: readonly string[];
}

type Variables = Readonly<Record<string, string | undefined>>;

/** Selects from the driver's variables those that a job sees. */
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

/** Makes this the environment of the thread. If the job's own code reads a withheld variable, that throws. */
export function useEnvironment({ env, withheld }: JobEnvironment): void {
  const names = new Set(withheld);
  show(env, (name, place) => {
    if (names.has(name) && !Object.hasOwn(shown, name)) throw new Error(undeclared(name, place));
  });
}

/**
 * Makes `variables` the environment of this thread, for a job whose declarations are not known yet: every variable can be read by
 * its name; listing shows only those that every job has. Returns the variables that the job's own code reads, with `path:line`.
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

/** The message about a variable that a job reads but does not declare. */
export function undeclared(name: string, place: string): string {
  return `${place}: expected that the job declares the variable ${name}, which it reads and which is set; add env: ['${name}'] to defineJob`;
}

type OnRead = (name: string, place: string) => void;

/** The environment of the thread: always the same object, because a job may keep a reference to it. */
const shown: Record<string, string> = {};
let given: Readonly<Record<string, string>> = {};
/** Variables that are not listed, but can be read by their names. */
let unlisted: Readonly<Record<string, string>> = {};
/** Called with each variable that the job's own code reads, and where, as `path:line`. */
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
    // Not noted as a read: listing the names asks for these too.
    if (Object.hasOwn(target, name)) return Reflect.getOwnPropertyDescriptor(target, name);
    noteRead(name);
    const value = unlistedOf(name);
    return value === undefined ? undefined : { value, writable: true, enumerable: true, configurable: true };
  },
  set(target, name, value) {
    // As in the real environment, every value is a string.
    target[name as string] = String(value);
    return true;
  },
});

/** Replaces the variables that were given before. Those that the job has set itself stay. */
function show(env: Readonly<Record<string, string>>, listener: OnRead): void {
  for (const [name, value] of Object.entries(given)) {
    if (!Object.hasOwn(env, name) && shown[name] === value) delete shown[name];
  }
  for (const [name, value] of Object.entries(env)) if (!Object.hasOwn(given, name)) shown[name] = value;
  given = env;
  unlisted = {};
  onRead = listener;
  process.env = watched;
  // Also for modules that import `env` by its name.
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

/** Where a variable was read, as `path:line`; undefined if by Node or a package, which read many variables without need. */
function userPlaceIn(stack: string): string | undefined {
  // Skips the message, `noteRead` and the Proxy's own frame. `Reflect.get` and the like have no location.
  const reader = stack
    .split('\n')
    .slice(3)
    .find((line) => !line.endsWith('(<anonymous>)'));
  const [, place, line] = /^\s+at .*?((?:file:\/\/|\/)[^\s()]*.*?):(\d+):\d+\)?$/.exec(reader ?? '') ?? [];
  if (place === undefined || place.includes('/node_modules/')) return undefined;
  return `${place.startsWith('file:') ? fileURLToPath(place) : place}:${line}`;
}

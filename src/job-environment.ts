// The environment that a job's code sees, in every process the same: what most programs want to know, and the variables that the job
// declares, as the driver has them. A variable that is set there, and not declared, is not silently missing.

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
  process.env = environmentThat({ ...env }, (name, place) => {
    if (names.has(name)) throw new Error(undeclared(name, place));
  });
}

/** Makes all of `variables` the environment of this thread, and returns what was read of it by the job's own code, with the place. */
export function watchEnvironment(variables: Variables): ReadonlyMap<string, string> {
  const reads = new Map<string, string>();
  const { env } = environmentOf(variables, Object.keys(variables));
  process.env = environmentThat({ ...env }, (name, place) => {
    if (!reads.has(name)) reads.set(name, place);
  });
  return reads;
}

/** What to say of a variable that a job reads, and does not declare. */
export function undeclared(name: string, place: string): string {
  return `${place}: expected that the job declares the variable ${name}, which it reads and which is set; add env: ['${name}'] to defineJob`;
}

/** `onRead` hears of each variable that the job's own code reads, and where, as `path:line`. */
function environmentThat(
  env: Record<string, string>,
  onRead: (name: string, place: string) => void,
): NodeJS.ProcessEnv {
  return new Proxy<NodeJS.ProcessEnv>(env, {
    get(target, name) {
      if (typeof name === 'string' && !BASICS.test(name)) {
        const place = userPlaceIn(new Error().stack ?? '');
        if (place !== undefined) onRead(name, place);
      }
      return Reflect.get(target, name) as string | undefined;
    },
    set(target, name, value) {
      // As in the real one, every value is a text.
      target[name as string] = String(value);
      return true;
    },
  });
}

/** The place of who has read, if that is neither Node nor a package: a package asks for much that it can do without. */
function userPlaceIn(stack: string): string | undefined {
  const [, place, line] =
    /^\s+at .*?((?:file:\/\/|\/)[^\s()]*.*?):(\d+):\d+\)?$/.exec(stack.split('\n')[2] ?? '') ?? [];
  if (place === undefined || place.includes('/node_modules/')) return undefined;
  return `${place.startsWith('file:') ? fileURLToPath(place) : place}:${line}`;
}

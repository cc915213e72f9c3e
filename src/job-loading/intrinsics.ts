// Checks whether a job has changed the built-ins of JavaScript. The engine's code in a job's thread uses the same built-ins as the
// job, so a job that changes them changes the engine. It fails with the name of the built-in before any result is used.
//
// A job may add to built-ins, but not to Object.prototype, because every object would have the addition. This module is loaded
// before any job. When it checks, it uses no built-ins that a job could have changed.

const { getOwnPropertyDescriptor, getPrototypeOf } = Object;
const { ownKeys } = Reflect;
const MOST_NAMES = 3;

/** The globals that the engine uses. Without timers, clocks and random numbers: tests of a job may replace those. */
const GLOBALS = (
  'Array ArrayBuffer Atomics BigInt BigInt64Array BigUint64Array Boolean Buffer DataView Error Float32Array Float64Array Function ' +
  'Int16Array Int32Array Int8Array Iterator JSON Map Math Number Object Promise RangeError Reflect RegExp Set SharedArrayBuffer String ' +
  'Symbol SyntaxError TypeError Uint16Array Uint32Array Uint8Array Uint8ClampedArray WeakMap WeakRef WeakSet WebAssembly ' +
  'isFinite isNaN parseFloat parseInt process'
).split(' ');

/** Properties that programs may set, or replace with an equivalent. */
const FREE = new Set([
  // Its length changes with its members, which are checked separately.
  'Array.prototype.length',
  'Buffer.poolSize',
  'Error.captureStackTrace',
  'Error.prepareStackTrace',
  'Error.stackTraceLimit',
  'Function.prototype.toString',
  'Math.random',
  // Not equal to itself.
  'Number.NaN',
]);

/** The original properties, by index in each list: flat lists are checked in a fraction of the time. */
const owners: Record<PropertyKey, unknown>[] = [];
const keys: PropertyKey[] = [];
const values: unknown[] = [];
const names: string[] = [];
/** The original accessors, with their getters. */
const accessors: { readonly owner: object; readonly key: PropertyKey; readonly get: unknown; readonly name: string }[] =
  [];

rememberAll();
/** None of the own keys is a symbol. */
const ownOfObject = ownKeys(Object.prototype).length;
const ownOfArray = ownKeys(Array.prototype).length;

/** The message about the job that this thread has loaded; undefined if it has changed nothing. Takes some ten microseconds. */
export function blameForIntrinsics(): string | undefined {
  const change = changeOfIntrinsics();
  return change === undefined ? undefined : `the job ${change}: leave the built-ins of JavaScript as they are`;
}

function changeOfIntrinsics(): string | undefined {
  let changed = '';
  let count = 0;
  const saw = (name: string): void => {
    if (count < MOST_NAMES) changed += `${count === 0 ? '' : ', '}${name}`;
    count++;
  };
  for (let index = 0; index < keys.length; index++) {
    if (owners[index]![keys[index]!] !== values[index]) saw(names[index]!);
  }
  for (let index = 0; index < accessors.length; index++) {
    const { owner, key, get, name } = accessors[index]!;
    if (getOwnPropertyDescriptor(owner, key)?.get !== get) saw(name);
  }
  if (count > 0) return `changed ${changed}, which the engine works with too`;
  return additionTo('Object.prototype', Object.prototype, ownOfObject) ?? indexIn(Array.prototype);
}

/** Own keys that are strings come in the order in which they were added, before symbols. */
function additionTo(name: string, owner: object, countBefore: number): string | undefined {
  const own = ownKeys(owner);
  const added = own[countBefore];
  return typeof added === 'string' ? `added ${name}.${added}, which every object has then` : undefined;
}

/** Integers come first among the own keys of an object. */
function indexIn(array: object): string | undefined {
  const own = ownKeys(array);
  if (own.length === ownOfArray) return undefined;
  const first = own[0];
  return typeof first === 'string' && first !== 'length'
    ? `added Array.prototype[${first}], which every array has then`
    : undefined;
}

function rememberAll(): void {
  remember('', globalThis, GLOBALS);
  for (const name of GLOBALS) {
    if (name === 'process') continue;
    const built = (globalThis as unknown as Record<string, object & { readonly prototype?: object }>)[name]!;
    remember(name, built);
    if (typeof built.prototype === 'object') remember(`${name}.prototype`, built.prototype);
  }
  const unnamed = {
    TypedArray: Uint8Array.prototype,
    ArrayIterator: [].values(),
    MapIterator: new Map().values(),
    SetIterator: new Set().values(),
    StringIterator: ''[Symbol.iterator](),
    Generator: getPrototypeOf((function* () {})()) as object,
    AsyncGenerator: getPrototypeOf((async function* () {})()) as object,
  };
  for (const [name, one] of Object.entries(unnamed)) remember(`${name}.prototype`, getPrototypeOf(one) as object);
  remember('Function.prototype', Function.prototype);
  remember('TypedArray', getPrototypeOf(Uint8Array) as object);
}

function remember(owner: string, object: object, ofThese: readonly PropertyKey[] = ownKeys(object)): void {
  for (const key of ofThese) {
    const property = getOwnPropertyDescriptor(object, key);
    const name = owner === '' ? String(key) : typeof key === 'symbol' ? `${owner}[${String(key)}]` : `${owner}.${key}`;
    if (property === undefined || FREE.has(name)) continue;
    const isAccessor = property.get !== undefined || property.set !== undefined;
    if (isAccessor && object !== globalThis) {
      // oxlint-disable-next-line typescript/unbound-method -- it is only compared
      accessors.push({ owner: object, key, get: property.get, name });
    } else {
      // Also a global that Node defines by a getter: its value is always the same.
      const holder = object as Record<PropertyKey, unknown>;
      owners.push(holder);
      keys.push(key);
      values.push(holder[key]);
      names.push(name);
    }
  }
}

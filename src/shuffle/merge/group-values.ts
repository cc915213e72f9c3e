// Hands the values of one key to reduce and combine.

/** The values of one key: an iterable that can be iterated once, until the next key's turn. */
export class GroupValues<V> implements Iterable<V>, Iterator<V, undefined> {
  readonly #key: string;
  readonly #left: Iterator<V, unknown>;
  #state: 'fresh' | 'open' | 'ended' = 'fresh';

  constructor(key: string, left: Iterator<V, unknown>) {
    this.#key = key;
    this.#left = left;
  }

  [Symbol.iterator](): Iterator<V, undefined> {
    if (this.#state !== 'fresh') throw this.#notAgain();
    this.#state = 'open';
    return this;
  }

  next(): IteratorResult<V, undefined> {
    if (this.#state === 'ended') throw this.#notAgain();
    this.#state = 'open';
    return this.#left.next() as IteratorResult<V, undefined>;
  }

  end(): void {
    this.#state = 'ended';
  }

  /** Refuses to become a text, or JSON: whoever does that has most likely taken the values for an array. */
  [Symbol.toPrimitive](): never {
    throw this.notAnArray('String(values)');
  }

  toJSON(): never {
    throw this.notAnArray('JSON.stringify(values)');
  }

  notAnArray(used: string): TypeError {
    return new TypeError(
      `${used}: the values of key ${JSON.stringify(this.#key)} are not an array, because they may be more than memory holds; ` +
        'iterate over them once, with for…of, or take [...values]',
    );
  }

  #notAgain(): TypeError {
    return new TypeError(
      `the values of key ${JSON.stringify(this.#key)} can be read once, while reduce has the key; ` +
        'keep what you need of them, for example with [...values]',
    );
  }
}

/** Properties of arrays and iterators that values do not have. If they were undefined, results would be wrong. */
const MISTAKEN: ReadonlySet<string> = new Set(
  [Array.prototype, Iterator.prototype]
    .flatMap((prototype) => Object.getOwnPropertyNames(prototype))
    .concat('size')
    .filter((name) => !Object.hasOwn(Object.prototype, name)),
);

// A proxy as the prototype's prototype is asked only for properties that neither an instance nor its class has, so correct use
// costs nothing.
Object.setPrototypeOf(
  GroupValues.prototype,
  new Proxy(Object.prototype, {
    get(target, name, values: unknown): unknown {
      const isMistaken = typeof name === 'string' && (MISTAKEN.has(name) || /^\d+$/.test(name));
      if (!isMistaken || !(values instanceof GroupValues)) return Reflect.get(target, name, values);
      throw values.notAnArray(/^\d/.test(name) ? `values[${name}]` : `values.${name}`);
    },
  }),
);

// The values of one key, as reduce and combine see them.

/** The values of one key: an iterable that can be gone through once, while its key's turn lasts. */
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

  /** A text of them, or JSON, is not what anybody wants who has not gone through them. */
  [Symbol.toPrimitive](): never {
    throw this.notAnArray('String(values)');
  }

  toJSON(): never {
    throw this.notAnArray('JSON.stringify(values)');
  }

  notAnArray(used: string): TypeError {
    return new TypeError(
      `${used}: the values of key ${JSON.stringify(this.#key)} are no array, because they may be more than memory holds; ` +
        'go through them once, with for…of, or take [...values]',
    );
  }

  #notAgain(): TypeError {
    return new TypeError(
      `the values of key ${JSON.stringify(this.#key)} can be read once, while reduce has the key; ` +
        'keep what you need of them, for example with [...values]',
    );
  }
}

/** What arrays and iterators have, and values have not: to find it undefined would end in a wrong result. */
const MISTAKEN: ReadonlySet<string> = new Set(
  [Array.prototype, Iterator.prototype]
    .flatMap((prototype) => Object.getOwnPropertyNames(prototype))
    .concat('size')
    .filter((name) => !Object.hasOwn(Object.prototype, name)),
);

// Asked only for what neither an instance nor its class has: what is used well costs nothing more.
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

// What a job is.

import type { Key } from './bytes.ts';
import type { InputFormat } from './formats/format.ts';

/** Adds pairs to the output of a map or reduce function. */
export interface Emit<V> {
  /** Adds one pair. */
  (key: Key, value: V): void;
  /** Adds a pair with this value for each key; for `words()` of bytes far faster than one after another. */
  each(keys: Iterable<Key>, value: V): void;
}

/**
 * What a parameter may be: a string is its default; a number is its default, and it must be a number; an array lists what
 * is allowed, the default first; a function turns the text (undefined if none was given) into a value and throws if
 * it cannot.
 */
export type ParamSpec = string | number | readonly [string, ...string[]] | ((text: string | undefined) => unknown);
export type ParamSpecs = Readonly<Record<string, ParamSpec>>;

/** The values that a job gets for its declared parameters; for a job that declares none, whatever was given, as text. */
type ParamValues<P> =
  IsAny<P> extends true
    ? Readonly<Record<string, AnyParams>>
    : string extends keyof P
      ? Readonly<Record<string, string | undefined>>
      : {
          readonly [K in keyof P]: P[K] extends (text: string | undefined) => infer T
            ? T
            : P[K] extends readonly (infer Choice)[]
              ? Choice
              : P[K] extends number
                ? number
                : string;
        };

/** The parameters of a context whose type is written without them. */
// oxlint-disable-next-line typescript/no-explicit-any -- it has to fit any job, whatever that declares
type AnyParams = any;
type IsAny<T> = 0 extends 1 & T ? true : false;

/** What the contexts of `map` and `reduce` have in common. `P` are the declared parameters. */
export interface TaskContext<P = AnyParams> {
  /** The run's id. */
  readonly runId: string;
  /** The task, such as `map-3`. */
  readonly task: string;
  /** The attempt, such as `map-3.1`: no two attempts of a run share it. */
  readonly attempt: string;
  readonly params: ParamValues<P>;
  /** Adds to a named counter. Only the attempts that the run commits count. */
  readonly count: (name: string, by?: number) => void;
}

/** What `map` is called with beside its record. `V` is what it emits. */
export interface MapContext<V = unknown, P = AnyParams> extends TaskContext<P> {
  /** Adds a pair to the output of map. Only until map has returned, or its promise has settled. */
  readonly emit: Emit<V>;
  /** The input file, as it was named on the command line. */
  readonly file: string;
  /** Where the record begins in the file, in bytes. */
  readonly offset: number;
  /**
   * The index of the record, from 0 on, in its slice: the part of the file that is read by one task. If the format does not
   * split files, that is the index in the file.
   */
  readonly index: number;
  /** The byte offset in the file of character `index` (a UTF-16 index, as `RegExp` and `indexOf` return) of the record. */
  readonly offsetAt: (index: number) => number;
}

/** What `reduce` is called with beside its key and values. `O` is what it emits. */
export interface ReduceContext<O = unknown, P = AnyParams> extends TaskContext<P> {
  /** Adds a pair to the results. Only until reduce has returned, or its promise has settled. */
  readonly emit: Emit<O>;
}

/** Pairs that a function returns or yields: an array, a generator, or another iterable, sync or async. */
export type Pairs<V> = Iterable<readonly [key: Key, value: V]> | AsyncIterable<readonly [key: Key, value: V]>;

/** What `map` may return: nothing, pairs, or a promise of either. */
type MapResult<V> = Pairs<V> | void | Promise<Pairs<V> | void>;
/** What `reduce` may return: as `map`, or else the one value of its key. */
type ReduceResult<O> = O | Pairs<O> | void | Promise<O | Pairs<O> | void>;

/**
 * A MapReduce job: `map` turns a record into pairs, and all values of a key meet in `reduce`.
 *
 * One rule says what the functions give. They may call `context.emit`, and they may return or yield pairs: an array, a
 * generator, or any other iterable, sync or async, holds `[key, value]` pairs. Whatever else `reduce` returns is the value
 * of its key. So a value that is an array is given in a pair: `return [[key, array]]`.
 *
 * `R` is a record (a line, unless `input` says otherwise), `V` a value that map gives, `O` a value that reduce gives.
 */
export interface Job<R = string, V = unknown, O = unknown, P extends ParamSpecs = ParamSpecs> {
  readonly name: string;
  /** One sentence for `mapreduce jobs`. */
  readonly description?: string;
  /** How input becomes records. Default: `lines()`. */
  readonly input?: InputFormat<R>;
  /** The parameters that `--param name=value` may give. */
  readonly params?: P;
  /**
   * The environment variables that the job reads. They have the driver's values in every worker. Beside these a job sees what
   * most programs need, such as `PATH`, `HOME`, `LANG`, `TZ` and `NODE_ENV`.
   */
  readonly env?: readonly string[];
  map(record: R, context: MapContext<V, P>): MapResult<V>;
  /** A reduce applied to map output before it is written: its result must not depend on how often, or in which order. */
  combine?(key: string, values: Iterable<V>): V;
  /**
   * Which reduce task owns a key. `hash` (the default): Hadoop's rule for Text. `range`: each task owns a range of keys, so
   * that the output files one after another are in the order of keys; the ranges are cut from a sample of the input, for
   * which map is called before the tasks begin.
   */
  readonly partition?: 'hash' | 'range';
  /**
   * `values` come in input order, can be read once, and are never an array: a key may have more values than fit in memory.
   * Keys come in the order of their UTF-8 bytes.
   */
  reduce(key: string, values: Iterable<V>, context: ReduceContext<O, P>): ReduceResult<O>;
}

/**
 * The values that map gives. `V` are those that it returns or yields, and `E` those that it emits: `unknown` unless the type
 * of its context says so, as in `map(line, { emit }: MapContext<number>)`.
 */
type MapValues<V, E> = unknown extends E
  ? [Exclude<V, void>] extends [never]
    ? unknown
    : Exclude<V, void>
  : Exclude<V, void> | E;

/** The values that reduce gives: those that it returns, or has in the pairs that it returns or yields, and emits. */
type ReduceValues<O, F> = unknown extends F ? ([Unpaired<O>] extends [never] ? unknown : Unpaired<O>) : Unpaired<O> | F;

type Unpaired<O> = O extends Pairs<infer V> ? V : Exclude<O, void>;

/** A job as it is written: what it gives is inferred from what `map` and `reduce` return, yield and emit. */
interface JobDefinition<R, V, E, O, F, P extends ParamSpecs> extends Omit<
  Job<R, unknown, unknown, P>,
  'map' | 'combine' | 'reduce'
> {
  map(record: R, context: MapContext<E, NoInfer<P>>): MapResult<V>;
  combine?(key: string, values: Iterable<NoInfer<MapValues<V, E>>>): NoInfer<MapValues<V, E>>;
  reduce(
    key: string,
    values: Iterable<NoInfer<MapValues<V, E>>>,
    context: ReduceContext<F, NoInfer<P>>,
  ): ReduceResult<O>;
}

/** Any job, whatever its types: what the engine works with. */
// oxlint-disable-next-line typescript/no-explicit-any -- a job's types meet only inside the job
export type AnyJob = Job<any, any, any, any>;

/** Declares a job: infers its types from `map` through `combine` to `reduce`, and is what a job file exports as default. */
export function defineJob<
  R = string,
  V = never,
  E = unknown,
  O = unknown,
  F = unknown,
  const P extends ParamSpecs = ParamSpecs,
>(job: JobDefinition<R, V, E, O, F, P>): Job<R, MapValues<V, E>, ReduceValues<O, F>, P> {
  // The same object: only what the compiler knows of it differs.
  return job as unknown as Job<R, MapValues<V, E>, ReduceValues<O, F>, P>;
}

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
 * is allowed, the default first; a function turns the text (undefined where none was given) into a value and throws where
 * it cannot.
 */
export type ParamSpec = string | number | readonly [string, ...string[]] | ((text: string | undefined) => unknown);
export type ParamSpecs = Readonly<Record<string, ParamSpec>>;

/** The values that a job gets for its declared parameters; for a job that declares none, whatever was given, as text. */
type ParamValues<P extends ParamSpecs> = string extends keyof P
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

/** What every function of a job can ask for. */
export interface TaskContext<P extends ParamSpecs = ParamSpecs> {
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

/** What `map` can ask for beside its record. One object serves all records of a task: read it, do not keep it. */
export interface MapContext<P extends ParamSpecs = ParamSpecs> extends TaskContext<P> {
  /** The input file, as it was named on the command line. */
  readonly file: string;
  /** Where the record begins in the file, in bytes. */
  readonly offset: number;
  /** How many records of this slice came before; of the whole file, where the format does not split files. */
  readonly record: number;
  /** The byte offset in the file of character `index` (a UTF-16 index, as `RegExp` and `indexOf` answer) of the record. */
  readonly offsetAt: (index: number) => number;
}

export type Pairs<V> = Iterable<readonly [key: Key, value: V]>;

/**
 * A MapReduce job: `map` turns a record into pairs, all values of a key meet in `reduce`. Both give their results by
 * yielding pairs or by calling `emit`; `reduce` may also just return the one value of its key.
 *
 * `R` is a record (a line, unless `input` says otherwise), `V` what map emits, `O` what reduce makes of it.
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
   * The environment variables that the job reads. They have the driver's values in every worker. Beside these a job sees what most
   * programs do, such as `PATH`, `HOME`, `LANG`, `TZ` and `NODE_ENV`.
   */
  readonly env?: readonly string[];
  map(
    record: R,
    emit: Emit<V>,
    context: MapContext<P>,
  ): Pairs<V> | AsyncIterable<readonly [key: Key, value: V]> | void | Promise<Pairs<V> | void>;
  /** A reduce applied to map output before it is written: the same answer whatever it is applied to, and in any order. */
  readonly combine?: (key: string, values: Iterable<V>) => NoInfer<V>;
  /**
   * Which reduce task owns a key. `hash` (the default): Hadoop's rule for Text. `range`: each task owns a range of keys, so
   * that the output files one after another are in the order of keys; the ranges are cut from a sample of the input, for
   * which map is called before the tasks begin.
   */
  readonly partition?: 'hash' | 'range';
  /**
   * `values` come in input order, can be read once, and are never an array: a key may have more than memory holds.
   * Keys come in the order of their UTF-8 bytes.
   */
  reduce(
    key: string,
    values: Iterable<V>,
    emit: Emit<O>,
    context: TaskContext<P>,
  ): O | Generator<readonly [key: Key, value: O]> | void | Promise<O | void>;
}

/** Any job, whatever its types: what the engine works with. */
// oxlint-disable-next-line typescript/no-explicit-any -- a job's types meet only inside the job
export type AnyJob = Job<any, any, any, any>;

/** Declares a job: infers its types from `map` through `combine` to `reduce`, and is what a job file exports as default. */
export function defineJob<R = string, V = unknown, O = unknown, const P extends ParamSpecs = ParamSpecs>(
  job: Job<R, V, O, P>,
): Job<R, V, O, P> {
  return job;
}

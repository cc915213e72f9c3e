// Checks the types of jobs: `tsc --noEmit` must accept this file, in which an unused `@ts-expect-error` is an error, too.

import {
  defineJob,
  type InputFormat,
  type Job,
  lines,
  type MapContext,
  type ReduceContext,
  sum,
} from '../../src/index.ts';
import { runJob } from '../../src/run-job.ts';

// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- makes the compiler distinguish `any` from other types
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** Compiles only if the value has exactly the type `T`. */
function isOf<T>() {
  return <V>(_value: V, ..._same: Same<T, V> extends true ? [] : ['not the same type']): void => {};
}

// The values that map yields have the type of those that combine and reduce receive.
defineJob({
  name: 'counted',
  *map(line: string) {
    for (const word of line.split(' ')) yield [word, 1];
  },
  combine: sum,
  reduce(key, values) {
    isOf<string>()(key);
    isOf<Iterable<number>>()(values);
    return [...values].length;
  },
});

// So do the values of an `emit` whose context is typed.
defineJob({
  name: 'emitted',
  map(line: string, { emit }: MapContext<{ readonly length: number }>) {
    emit(line, { length: line.length });
  },
  reduce(_key, values, { emit }: ReduceContext<string>) {
    for (const { length } of values) emit('length', String(length));
  },
});

// Map may also return a list of pairs, or be an async generator.
defineJob({
  name: 'listed',
  map: (line: string) => [[line, true]] as const,
  reduce(_key, values) {
    isOf<Iterable<true>>()(values);
    return 1;
  },
});
defineJob({
  name: 'awaited',
  async *map(line: string) {
    yield await Promise.resolve([line, 1n] as const);
  },
  reduce(_key, values) {
    isOf<Iterable<1n>>()(values);
    return 1;
  },
});

// A combiner must return what map emits.
defineJob({
  name: 'wrong-combiner',
  *map(line: string) {
    yield [line, 1];
  },
  // @ts-expect-error -- a string is not a number
  combine: (_key: string, values: Iterable<number>) => [...values].join(),
  reduce: sum,
});
defineJob({
  name: 'wrong-combiner-input',
  *map(line: string) {
    yield [line, 'text'];
  },
  // @ts-expect-error -- sum adds numbers, map yields texts
  combine: sum,
  reduce: (_key, values) => [...values].length,
});

// A reduce must accept what map emits.
defineJob({
  name: 'wrong-reduce',
  *map(line: string) {
    yield [line, line];
  },
  // @ts-expect-error -- sum adds numbers, map emits texts
  reduce: sum,
});

// Keys are strings.
defineJob({
  name: 'wrong-key',
  // @ts-expect-error -- a key is a string
  *map(line: string) {
    yield [line.length, 1];
  },
  reduce: () => 1,
});

// Records have the type of the input format: lines by default.
defineJob({
  name: 'wrong-record',
  input: lines(),
  // @ts-expect-error -- a line is a string
  *map(record: number) {
    yield ['key', record];
  },
  reduce: () => 1,
});
const numbers = lines() as unknown as InputFormat<number>;
defineJob({
  name: 'other-records',
  input: numbers,
  *map(record) {
    isOf<number>()(record);
    yield ['key', record];
  },
  reduce: () => 1,
});

// Parameters have the types of their declarations.
defineJob({
  name: 'with-params',
  params: {
    text: 'default',
    count: 5,
    words: ['letters', 'digits'],
    pattern: (text) => new RegExp(text ?? ''),
  },
  *map(line: string, { params }) {
    isOf<string>()(params.text);
    isOf<number>()(params.count);
    isOf<'letters' | 'digits'>()(params.words);
    isOf<RegExp>()(params.pattern);
    // @ts-expect-error -- no such parameter
    void params.other;
    // @ts-expect-error -- parameters cannot be changed
    params.count = 6;
    yield [line, 1];
  },
  reduce: (_key, values, { params }) => {
    isOf<number>()(params.count);
    return [...values].length;
  },
});

// A job that declares no parameters receives all of them as text.
defineJob({
  name: 'without-params',
  *map(line: string, { params }) {
    isOf<string | undefined>()(params['any']);
    yield [line, 1];
  },
  reduce: sum,
});

// The context contains the place of a record. Reduce has no record.
defineJob({
  name: 'context',
  *map(line: string, context) {
    isOf<string>()(context.file);
    yield [line, context.offset + context.index + context.offsetAt(0)];
  },
  reduce(_key, _values, context) {
    // @ts-expect-error -- a key has no file
    void context.file;
    return context.attempt;
  },
});

// @ts-expect-error -- a job has a reduce
defineJob({ name: 'incomplete', map: () => {} });

defineJob({
  name: 'misspelt',
  *map(line: string) {
    yield [line, 1];
  },
  // @ts-expect-error -- the field is named combine
  combiner: sum,
  reduce: sum,
});

// A generator, a function that returns an array, and an async generator find their parameters in the same context.
defineJob({
  name: 'with-context',
  params: { ms: 5 },
  *map(_line: string, { file, params }) {
    isOf<number>()(params.ms);
    yield [file, 1];
  },
  async *reduce(key, values, { params }) {
    isOf<Iterable<number>>()(values);
    isOf<number>()(params.ms);
    yield [key, await Promise.resolve('x')];
  },
});
defineJob({
  name: 'listed-with-context',
  map: (line: string, { file }) => [[line + file, true]] as const,
  reduce(_key, values) {
    isOf<Iterable<true>>()(values);
    return 1;
  },
});

// The context of an emitting map may have the types of the parameters, too.
const specs = { ms: 5, case: ['lower', 'keep'] } as const;
const emitting = defineJob({
  name: 'emits-with-params',
  params: specs,
  map(line: string, { emit, params }: MapContext<number, typeof specs>) {
    isOf<number>()(params.ms);
    isOf<'lower' | 'keep'>()(params.case);
    emit(line, params.ms);
    // @ts-expect-error -- it emits numbers
    emit(line, 'text');
  },
  reduce: (_key, values) => {
    isOf<Iterable<number>>()(values);
    return [...values].join();
  },
});

// The type of a job's results is known, whether they are returned, in pairs, or emitted.
type Given<J> = J extends Job<infer R, infer V, infer O, infer _P> ? [R, V, O] : never;
isOf<Given<typeof emitting>>()(['', 0, ''] as [string, number, string]);
const paired = defineJob({
  name: 'paired',
  *map(line: string) {
    yield [line, 1];
  },
  reduce: (key, values) => [[key, [...values]]],
});
isOf<Given<typeof paired>>()(['', 0, []] as [string, number, number[]]);
const emitted = defineJob({
  name: 'emits-results',
  *map(line: string) {
    yield [line, 1];
  },
  reduce(key, _values, { emit }: ReduceContext<Date>) {
    emit(key, new Date());
  },
});
isOf<Given<typeof emitted>>()(['', 0, new Date()] as [string, number, Date]);

// A program that runs a job passes the parameters that the job declares.
void (() => runJob<typeof emitting>({ inputs: [], params: { ms: '7', case: 'keep' } }));
// @ts-expect-error -- one of two words
void (() => runJob<typeof emitting>({ inputs: [], params: { case: 'upper' } }));
// @ts-expect-error -- no such parameter
void (() => runJob<typeof emitting>({ inputs: [], params: { other: 1 } }));
// @ts-expect-error -- no such option
void (() => runJob({ inputs: [], mapz: 1 }));
const plain = defineJob({
  name: 'plain',
  *map(line: string) {
    yield [String(line.length), 1];
  },
  combine: sum,
  reduce: sum,
});
// A job that declares no parameters accepts any.
void (() => runJob<typeof plain>({ inputs: [], params: { ms: 1, text: 'a' } }));

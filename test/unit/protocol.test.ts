import { expect, test } from 'vitest';
import * as v from 'valibot';

import {
  AnswerLine,
  AttemptReport,
  Health,
  MAX_BODY_BYTES,
  placeText,
  PROTOCOL,
  TaskRequest,
} from '../../src/protocol.ts';

const request: TaskRequest = {
  runId: '20260101T120000Z-a1b2c3',
  driverId: '20260101T120000Z-a1b2c3',
  dir: '/home/me/files',
  job: { path: '/home/me/job.ts', digest: 'd1', params: { words: 'letters', empty: '' } },
  mapCount: 30,
  reduceCount: 7,
  task: 0,
  attempt: 1,
  mapBufferBytes: 65_536,
  mergeFanIn: 2,
  compressMapOutput: false,
  heapBytes: 1 << 30,
  generation: 0,
  careful: false,
  skip: [{ slice: 1, offset: 30 }],
};
const report: AttemptReport = {
  recordsIn: 10,
  bytesIn: 1000,
  recordsOut: 0,
  bytesOut: 0,
  spills: 0,
  checksum: 0xffff_ffff,
  partitionBytes: [0, 12],
  counters: [
    ['lines', 3],
    ['ratio', -0.5],
  ],
};

test('a task request crosses the wire unchanged, and is far below the size limit of a worker', () => {
  const text = JSON.stringify(request);
  expect(v.parse(TaskRequest, JSON.parse(text))).toEqual(request);
  expect(text.length * 100).toBeLessThan(MAX_BODY_BYTES);
});

test.for([
  ['an unknown field', { ...request, priority: 1 }],
  ['an unknown field of the job', { ...request, job: { ...request.job, code: 'process.exit()' } }],
  ['a negative task', { ...request, task: -1 }],
  ['half a task', { ...request, task: 0.5 }],
  ['a task that is text', { ...request, task: '0' }],
  ['attempt 0', { ...request, attempt: 0 }],
  ['no maps', { ...request, mapCount: 0 }],
  ['no reduces', { ...request, reduceCount: 0 }],
  ['endless maps', { ...request, mapCount: Infinity }],
  ['no state directory', { ...request, dir: '' }],
  ['no job', { ...request, job: undefined }],
  ['no job path', { ...request, job: { path: '', digest: 'd1', params: {} } }],
  ['a parameter that is not text', { ...request, job: { path: '/a', digest: 'd1', params: { count: 1 } } }],
  ['no run id', { ...request, runId: '' }],
  ['a run id that leaves its folder', { ...request, runId: '../other' }],
  ['a run id with a line end', { ...request, runId: 'a\n' }],
  ['no heap limit', { ...request, heapBytes: undefined }],
  ['a record to skip without a file', { ...request, skip: [{ offset: 1 }] }],
  ['a list', [request]],
  ['null', null],
] as const)('a task request with %s is refused', ([, body]) => {
  expect(v.is(TaskRequest, body)).toBe(false);
});

test.for([
  ['progress', { type: 'progress', records: 0, bytes: 12 }],
  ['progress at a record', { type: 'progress', records: 0, bytes: 0, place: { file: 'a.txt', slice: 0, offset: 12 } }],
  ['progress at a key', { type: 'progress', records: 0, bytes: 0, place: { key: '' } }],
  ['a result', { type: 'done', report }],
  [
    'a failure',
    { type: 'failed', failure: { kind: 'job', message: '', stack: 'Error\n at map', place: { key: 'a' } } },
  ],
  ['a failure without a place', { type: 'failed', failure: { kind: 'refused', message: 'no' } }],
] as const)('%s is accepted as an answer line', ([, line]) => {
  expect(v.parse(AnswerLine, JSON.parse(JSON.stringify(line)))).toEqual(line);
});

test.for([
  [{ file: 'a.txt', slice: 1, offset: 12 }, 'the record at byte 12 of a.txt'],
  [{ key: 'a "b"' }, 'reduce of key "a \\"b\\""'],
  [{ key: 'a', of: 'combine' }, 'combine of key "a"'],
] as const)('a place is described in words: %j', ([place, words]) => {
  expect(placeText(place)).toBe(words);
});

test.for([
  ['of another type', { type: 'maybe' }],
  ['without a type', { records: 1, bytes: 1 }],
  ['with negative progress', { type: 'progress', records: -1, bytes: 0 }],
  ['without a report', { type: 'done' }],
  ['with a missing count', { type: 'done', report: { ...report, spills: undefined } }],
  ['with a count that is not a number', { type: 'done', report: { ...report, counters: [['lines', null]] } }],
  ['with a failure of another kind', { type: 'failed', failure: { kind: 'lost', message: '' } }],
] as const)('an answer line %s is refused', ([, line]) => {
  expect(v.is(AnswerLine, line)).toBe(false);
});

test('only a worker with our protocol version is accepted', () => {
  const health = { protocol: PROTOCOL, pid: 1, state: 'idle' };
  expect(v.is(Health, health)).toBe(true);
  expect(v.is(Health, { ...health, state: 'busy' })).toBe(true);
  expect(v.is(Health, { ...health, protocol: 'http-mapreduce/0' })).toBe(false);
  expect(v.is(Health, { ...health, pid: 0 })).toBe(false);
  expect(v.is(Health, { ...health, state: 'asleep' })).toBe(false);
});

test('a counter keeps its value, whatever its name', () => {
  const counters = ['constructor', '__proto__', '', 'words'].map((name): [string, number] => [name, 1]);
  expect(v.parse(AttemptReport, JSON.parse(JSON.stringify({ ...report, counters }))).counters).toEqual(counters);
});

// Tests `runJob`: its result, its events, its types, and the arguments that it refuses.

import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import * as v from 'valibot';
import { expect } from 'vitest';

import { InterruptedError, JobError, UsageError } from '../../src/index.ts';
import { type RunEvent, runJob, type RunJobOptions } from '../../src/run-job.ts';
import { HOLDING, MISBEHAVING } from '../fixtures/paths.ts';
import { ResultSchema } from '../fixtures/result-schema.ts';
import { type Scratch, test } from '../fixtures/scratch.ts';

function optionsFor(scratch: Scratch): RunJobOptions {
  const { port, state } = scratch;
  return { inputs: [join(scratch.dir, '*.txt')], dir: state, workers: 1, workerPort: port, port: port + 5 };
}

test('runJob returns the object that --json prints, and passes on the events of a log file', async ({ scratch }) => {
  scratch.write('text.txt', 'one two\ntwo\n');
  const events: RunEvent[] = [];
  const result = await runJob({
    ...optionsFor(scratch),
    reduces: 1,
    verify: true,
    onEvent: (event) => events.push(event),
  });

  expect(v.parse(ResultSchema, result)).toEqual(result);
  expect(result).toMatchObject({
    outcome: 'done',
    job: 'word-count',
    outputs: [join(scratch.state, 'out/out-0')],
    verifiedLines: 2,
  });
  expect(readFileSync(result.outputs[0]!, 'utf8')).toBe('one\t1\ntwo\t2\n');
  expect(events[0]).toMatchObject({ event: 'planned', level: 'info', runId: result.runId });
  expect(events).toContainEqual(expect.objectContaining({ event: 'task-committed', task: 'map-0' }));
  expect(events.at(-1)).toMatchObject({ event: 'end', message: 'the run is done' });
});

test('runJob accepts a job as a URL, and parameters as texts or numbers', async ({ scratch }) => {
  scratch.write('text.txt', 'abc\n');
  scratch.write(
    'repeat.ts',
    `import { defineJob } from 'http-mapreduce';
     export default defineJob({
       name: 'repeat',
       params: { times: 1, mark: ['-', '+'] },
       *map(line: string, { params }) { yield [line, params.mark.repeat(params.times)]; },
       reduce: (_key, [value]) => value,
     });`,
  );
  const { outputs } = await runJob({
    ...optionsFor(scratch),
    job: pathToFileURL(join(scratch.dir, 'repeat.ts')),
    params: { times: 3, mark: '+' },
  });
  expect(outputs.map((path) => readFileSync(path, 'utf8')).join('')).toBe('abc\t+++\n');
});

test('an abort signal ends a run in order, and the same call continues it', async ({ scratch }) => {
  scratch.write('text.txt', 'one two\n');
  mkdirSync(join(scratch.dir, 'gate'));
  const abort = new AbortController();
  const options = {
    ...optionsFor(scratch),
    maps: 1,
    reduces: 1,
    job: HOLDING,
    params: { hold: 'reduce-0.1', gate: join(scratch.dir, 'gate') },
  };
  const onEvent = ({ event, attempt }: RunEvent): void => {
    if (event === 'start-attempt' && attempt === 'reduce-0.1') abort.abort('the test');
  };
  await expect(runJob({ ...options, signal: abort.signal, onEvent })).rejects.toThrow(InterruptedError);
  scratch.write('gate/reduce-0.1', '');
  expect(await runJob(options)).toMatchObject({ outcome: 'done', reusedTasks: 1 });
});

test('a job that fails throws a JobError, which a program can tell from other errors', async ({ scratch }) => {
  scratch.write('text.txt', '!throw\n');
  const running = runJob({ ...optionsFor(scratch), job: MISBEHAVING, maxAttempts: 1 });
  await expect(running).rejects.toThrow(JobError);
});

test.for([
  ['an unknown option', { mapz: 3 }, 'option mapz: expected one of maps, reduces, '],
  ['an invalid count', { maxAttempts: 0 }, 'option maxAttempts: expected a positive integer, found the number 0'],
  ['a text as a number', { workers: '2' }, 'option workers: expected a positive integer, found the text "2"'],
  ['a silence in seconds', { taskSilenceMs: 10 }, 'option taskSilenceMs: expected milliseconds, from 2000 to 86400000'],
  ['a loaded job', { job: { name: 'mine' } }, 'job: expected the path or file URL of a job file'],
  ['a parameter that is an object', { params: { a: {} } }, 'params: expected a text or a number as a, found an object'],
  ['a text as inputs', { inputs: 'a.txt' }, 'inputs: expected an array of paths and patterns, found the text "a.txt"'],
] as const)('%s is refused before anything starts', async ([, wrong, message], { scratch }) => {
  const running = runJob({ ...optionsFor(scratch), ...(wrong as object) });
  await expect(running).rejects.toThrow(UsageError);
  await expect(running).rejects.toThrow(message);
});

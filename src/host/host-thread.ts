// The thread of the job host: loads a job, and carries out the driver's orders with it.

import { flushCompileCache } from 'node:module';
import { setImmediate } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';

import { JobError, MapReduceError, messageOf, UsageError } from '../errors.ts';
import type { Slice } from '../formats/chunk/chunk.ts';
import { blameForIntrinsics } from '../job-loading/intrinsics.ts';
import type { AnyJob } from '../job.ts';
import { environmentOf, undeclared, useEnvironment, watchEnvironment } from '../job-loading/environment.ts';
import { describeParams, loadJob, partsOfJob, readParams, refuseChanges } from '../job-loading/load-job.ts';
import { refusedCall } from '../machine/refused-call.ts';
import type { HostAnswers, HostFailure, HostNews, HostOrder, JobDescription } from '../engine/host-messages.ts';
import type { SequentialProgress } from '../engine/sequential-run.ts';
import { Leftovers } from '../tasks/leftovers.ts';
import { printAtOnce } from '../worker/print-at-once.ts';
import { SharedProgress } from '../worker/shared-progress.ts';
import { tellExits } from '../worker/tell-exit.ts';

const progress = new SharedProgress(workerData as SharedArrayBuffer);
const port = parentPort!;
type Order<Type extends HostOrder['type']> = Extract<HostOrder, { type: Type }>;

let jobPath = '';
let loaded: { readonly job: AnyJob; readonly params: Record<string, unknown> } | undefined;

tellExits();
printAtOnce(() => void progress.steps++);
port.on('message', (order: HostOrder) => void carryOut(order));

async function carryOut(order: HostOrder): Promise<void> {
  // While an order runs, this port does not keep the thread alive: if the order waits for something that cannot come, the
  // thread ends instead of hanging.
  port.unref();
  try {
    const answer = await answerTo(order);
    refuseChanges(jobPath);
    // A rejection that nobody awaits ends the thread now, while the order that it belongs to is still the current one.
    await setImmediate();
    tell({ type: 'answer', ...(answer === undefined ? {} : { answer }) });
  } catch (error) {
    tell({ type: 'failed', failure: failureOf(error) });
  } finally {
    port.ref();
  }
  // Caches the job's compiled TypeScript, so that the workers need not compile it again.
  if (order.type === 'load') flushCompileCache();
}

function answerTo(order: HostOrder): Promise<HostAnswers[HostOrder['type']]> {
  if (order.type === 'load') return load(order);
  if (order.type === 'plan') return plan(order);
  if (order.type === 'sample') return sample(order);
  return runAlone(order);
}

async function load({ path, params }: Order<'load'>): Promise<JobDescription> {
  jobPath = path;
  const variables = { ...process.env };
  const reads = watchEnvironment(variables);
  const job = await loadJob(path);
  loaded = { job, params: params === undefined ? {} : readParams(job, params) };
  const { name, description = '', partition = 'hash', env = [], input } = job;
  for (const [variable, place] of reads) {
    const isMissing = variables[variable] !== undefined && !env.includes(variable);
    if (isMissing) throw new UsageError(undeclared(variable, place));
  }
  useEnvironment(environmentOf(variables, env));
  const isText = input === undefined || input.isText === true;
  return { name, description, partition, isText, params: describeParams(job), parts: partsOfJob(path), env };
}

async function plan({ inputs, count }: Order<'plan'>): Promise<Slice[][]> {
  const { planChunks } = await import('../driver/inputs/chunker.ts');
  const { lines } = await import('../formats/lines.ts');
  return planChunks(inputs, loaded!.job.input ?? lines(), count);
}

async function sample({ inputs, rangeCount }: Order<'sample'>): Promise<undefined> {
  const { sampleKeys } = await import('../sample/sample-keys.ts');
  await sampleKeys({ ...loaded!, inputs, rangeCount }, (keys) => tell({ type: 'keys', keys }));
}

async function runAlone({ inputs, skipped }: Order<'sequential'>): Promise<undefined> {
  const { writeSequential } = await import('./write-sequential.ts');
  const onProgress = (told: SequentialProgress): void => tell({ type: 'progress', progress: told });
  using leftovers = new Leftovers(() => progress.place);
  await writeSequential({ ...loaded!, inputs, skipped, onProgress, progress, settled: () => leftovers.ended() });
}

function tell(news: HostNews): void {
  port.postMessage(news);
}

function failureOf(error: unknown): HostFailure {
  const blame = blameForIntrinsics();
  if (blame !== undefined && !(error instanceof JobError))
    return { kind: 'job', message: `${jobPath}: ${blame}; it led to: ${messageOf(error)}` };
  const known = refusedCall(error);
  if (known instanceof MapReduceError) return { kind: known.kind, message: known.message };
  const text = error instanceof Error ? (error.stack ?? error.message) : messageOf(error);
  return { kind: 'invariant', message: text };
}

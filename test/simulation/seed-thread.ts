// A thread that simulates the seeds that it receives, one message after another.

import { parentPort } from 'node:worker_threads';

import { simulate } from './simulation.ts';

parentPort!.on('message', (seeds: readonly number[]) => {
  parentPort!.postMessage(seeds.map((seed) => simulate(seed)));
});

// What the caller of a run hears of it.

import type { FastifyInstance } from 'fastify';

import type { WorkerId } from '../scheduler/events.ts';
import type { Observer } from './loop/drive.ts';
import type { RunShape } from './plan-run.ts';

/** Sees what happens in a run, as it happens. */
export interface RunObserver {
  planned(shape: RunShape): void;
  happened: Observer;
  workerPrinted(worker: WorkerId, line: string): void;
  portTaken(worker: WorkerId, port: number, next: number): void;
  /** The driver's own server is made: routes for reading may be added. */
  readonly serving: (server: FastifyInstance) => Promise<void>;
  /** It listens: workers can join. */
  listening(url: string): void;
}

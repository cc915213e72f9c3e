// The interface through which the caller of a run observes it.

import type { FastifyInstance } from 'fastify';

import type { WorkerId } from '../scheduler/events.ts';
import type { Observer } from './loop/drive.ts';
import type { RunShape } from './plan-run.ts';

/** Called when something happens in a run. */
export interface RunObserver {
  planned(shape: RunShape): void;
  happened: Observer;
  workerPrinted(worker: WorkerId, line: string): void;
  portTaken(worker: WorkerId, port: number, next: number): void;
  /** The driver's own server has been created, and routes for reading may be added. */
  readonly serving: (server: FastifyInstance) => Promise<void>;
  /** The driver's own server listens at this URL: workers can join. */
  listening(url: string): void;
}

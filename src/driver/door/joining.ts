// Opens the door of a running driver: its server, through which workers that it has not started join and leave.

import type { AddressInfo } from 'node:net';

import type { FastifyInstance } from 'fastify';

import type { Event, WorkerId } from '../../scheduler/events.ts';
import { mayBeAlive } from '../../machine/process-alive.ts';
import { refusedPort } from '../crew/port-checks.ts';
import { urlOf } from '../../wire/address.ts';
import { type Member, Registry } from './registry.ts';
import type { Arrival, WorkerPool } from '../crew/worker-pool.ts';

const LOOK_MS = 1000;

export interface DoorOptions {
  /** The port to try; if it is in use, the system chooses another. */
  readonly port: number;
  readonly token: string;
  readonly runId: string;
  readonly pool: WorkerPool;
  readonly dispatch: (event: Event) => void;
  /** Called with the server before it listens. */
  readonly serving: (server: FastifyInstance) => Promise<void>;
}

/** A driver's server, until it is closed. */
export interface Door {
  readonly url: string;
  close(): Promise<void>;
}

export async function openDoor({ port, token, runId, pool, dispatch, serving }: DoorOptions): Promise<Door> {
  const { driverServer } = await import('./driver-server.ts');
  const { listenOn } = await import('../../wire/http-server.ts');
  // Counts looks, not time: a driver that is stopped receives no notices.
  let livedMs = 0;
  const registry = new Registry({
    now: () => livedMs,
    nextId: () => pool.nextId(),
    mayBeAlive,
    events: {
      joined: (member) => welcome(pool, member),
      // A worker that ran an attempt meanwhile was not given up, and is still in the pool.
      returned: (member) => takeBack(pool, member),
      idle: (member) => takeBack(pool, member),
      leaving: (member) => {
        const worker = workerOf(pool, member);
        if (worker !== undefined) dispatch({ type: 'worker-leaving', worker });
      },
      left: (member) => pool.lose(workerOf(pool, member) ?? member.id, 'it has left'),
      // While a worker runs an attempt, its response shows whether it is alive.
      silent: (member) => {
        const worker = workerOf(pool, member) ?? member.id;
        if (!pool.isBusy(worker)) pool.lose(worker, 'no notice from it for 10 s');
      },
    },
  });
  const server = driverServer({ token, runId, registry });
  await serving(server);
  try {
    if (!(await listenOn(server, port))) await listenOn(server, 0);
  } catch (error) {
    throw refusedPort('--port', port, error);
  }
  const look = (): void => {
    livedMs += LOOK_MS;
    registry.tick();
  };
  const looks = setInterval(look, LOOK_MS).unref();
  const { port: found } = server.server.address() as AddressInfo;
  return {
    url: urlOf(found),
    close: async () => {
      clearInterval(looks);
      await server.close();
    },
  };
}

/** Adds a worker that joins, unless the driver has found it on its port already. */
function welcome(pool: WorkerPool, member: Member): void {
  const known = workerOf(pool, member);
  if (known === undefined || known === member.id) void pool.join(member.id, arrivalOf(member));
}

function arrivalOf(member: Member): Arrival {
  const { name, host, pid } = member;
  return { name, host, port: portOf(member), pid };
}

function takeBack(pool: WorkerPool, member: Member): void {
  if (workerOf(pool, member) === undefined) void pool.rejoin(member.id, arrivalOf(member));
}

/** The number of a member in the pool. It differs from its own number if the driver found it listening before it joined. */
function workerOf(pool: WorkerPool, member: Member): WorkerId | undefined {
  return pool.at(portOf(member));
}

function portOf({ url }: Member): number {
  return Number(new URL(url).port);
}

// Addresses. Ports: worker 1 has the first one, each further worker the next that is free.

import { once } from 'node:events';
import { createServer } from 'node:net';

import { codeOf, UsageError } from '../../errors.ts';
import { refusedCall } from '../../machine/refused-call.ts';

export const HOST = '127.0.0.1';
export const LAST_PORT = 65_535;

export function urlOf(port: number): string {
  return `http://${HOST}:${port}`;
}

/** Below, most systems let only privileged users listen. */
const FIRST_FREE_PORT = 1024;

/** What the user can change by taking another port. */
const MAY_NOT_LISTEN: ReadonlySet<string> = new Set(['EACCES', 'EPERM', 'EADDRNOTAVAIL', 'EAFNOSUPPORT']);

/** An error of listening on the port that an option names, as it is to be thrown. */
export function refusedPort(option: string, port: number, error: unknown): unknown {
  const code = codeOf(error) ?? '';
  if (!MAY_NOT_LISTEN.has(code)) return refusedCall(error);
  const advice = port < FIRST_FREE_PORT ? `; take one from ${FIRST_FREE_PORT} on` : '';
  return new UsageError(
    `${option} ${port}: expected a port of ${HOST} that this user may listen on, found ${code}${advice}`,
    { cause: error },
  );
}

/**
 * Tries a port that only privileged users may listen on, before anything is touched. Others are not tried: somebody might
 * want one at this very moment.
 * @throws UsageError if this user may not; not if something listens there
 */
export async function checkMayListen(option: string, port: number): Promise<void> {
  if (port >= FIRST_FREE_PORT) return;
  const server = createServer().listen(port, HOST);
  try {
    await once(server, 'listening');
  } catch (error) {
    if (codeOf(error) !== 'EADDRINUSE') throw refusedPort(option, port, error);
  } finally {
    server.close();
  }
}

/** @throws UsageError where there are fewer ports than workers */
export function checkPorts(firstPort: number, workerCount: number): void {
  const lastPort = firstPort + workerCount - 1;
  if (lastPort <= LAST_PORT) return;
  throw new UsageError(
    `ports ${firstPort} to ${lastPort}: expected ports up to ${LAST_PORT}, found more; ` +
      'take a lower --worker-port, or fewer workers',
  );
}

// Checks that the ports which the user names can be listened on.

import { once } from 'node:events';
import { createServer } from 'node:net';

import { codeOf, UsageError } from '../../errors.ts';
import { refusedCall } from '../../machine/refused-call.ts';
import { HOST, LAST_PORT } from '../../wire/address.ts';

/** On lower ports most systems let only privileged users listen. */
const FIRST_FREE_PORT = 1024;

/** Errors that another port may avoid. */
const MAY_NOT_LISTEN: ReadonlySet<string> = new Set(['EACCES', 'EPERM', 'EADDRNOTAVAIL', 'EAFNOSUPPORT']);

/** Turns an error of listening on the port that an option names into the error to throw. */
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
 * Tries a port that only privileged users may listen on, before anything is touched. Other ports are not tried: another
 * process might want one at this very moment.
 * @throws UsageError if this user may not listen there; a port in use is no error
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

/** @throws UsageError if there are fewer ports than workers */
export function checkPorts(firstPort: number, workerCount: number): void {
  const lastPort = firstPort + workerCount - 1;
  if (lastPort <= LAST_PORT) return;
  throw new UsageError(
    `ports ${firstPort} to ${lastPort}: expected ports up to ${LAST_PORT}, found more; ` +
      'take a lower --worker-port, or fewer workers',
  );
}

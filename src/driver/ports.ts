// Addresses. Ports: worker 1 has the first one, each further worker the next that is free.

import { UsageError } from '../errors.ts';

export const HOST = '127.0.0.1';
export const LAST_PORT = 65_535;

export function urlOf(port: number): string {
  return `http://${HOST}:${port}`;
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

// What an option is where nobody gives it.

import { DEFAULT_HEAP_BYTES } from '../protocol.ts';

export const DEFAULTS = {
  job: 'word-count',
  dir: 'files',
  port: 8000,
  workerPort: 8001,
  maxAttempts: 4,
  maxRespawns: 5,
  taskSilenceMs: 10_000,
  taskTimeoutMs: 600_000,
  taskMemoryBytes: DEFAULT_HEAP_BYTES,
  mapBufferBytes: 64 * 1024 * 1024,
  mergeFanIn: 256,
} as const;

// What an option is where nobody gives it.

export const DEFAULTS = {
  job: 'word-count',
  dir: 'files',
  port: 8000,
  workerPort: 8001,
  maxAttempts: 4,
  maxRespawns: 5,
  taskSilenceMs: 10_000,
  taskTimeoutMs: 600_000,
  taskMemoryBytes: 1024 * 1024 * 1024,
  mapBufferBytes: 64 * 1024 * 1024,
  mergeFanIn: 256,
} as const;

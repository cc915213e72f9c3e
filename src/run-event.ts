// An event of a run, for programs.

/** One event of a run. `--log-file` writes the same, one JSON object per line. */
export interface RunEvent {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  /** What happened in words. It may quote a job's output, keys and file names as they are. */
  readonly message: string;
  /** The kind of the event, such as `planned`, `task-committed` or `worker-lost`. */
  readonly event: string;
  readonly runId: string;
  readonly task?: string;
  readonly attempt?: string;
  readonly worker?: number;
  /** What else the event says. */
  readonly [field: string]: unknown;
}

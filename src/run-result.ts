// What a run came to, for programs: what `runJob` returns and `mapreduce run --json` prints.

/** How a run ended. */
export interface RunEnd {
  readonly outcome: 'done' | 'failed' | 'interrupted';
  /** `kind` says who must act, and `exitCode` is the exit code of the command. */
  readonly error?: { readonly kind: string; readonly exitCode: number; readonly message: string } | undefined;
  readonly durationMs: number;
}

/** What the tasks of a phase did. */
export interface PhaseFigures {
  readonly durationMs: number;
  readonly tasks: number;
  readonly recordsIn: number;
  readonly bytesIn: number;
  readonly recordsOut: number;
  readonly bytesOut: number;
  /** How often a full buffer was written. */
  readonly spills: number;
  /** The slowest task against the median; missing with fewer than two tasks. */
  readonly slowest?: { readonly task: string; readonly durationMs: number; readonly medianMs: number } | undefined;
}

/** The figures of a run that has begun. */
export interface RunFigures {
  readonly runId: string;
  readonly job: string;
  readonly input: { readonly files: number; readonly bytes: number };
  /** How many workers the driver asked for; others may have joined. */
  readonly workers: number;
  readonly phases: {
    readonly chunk: { readonly durationMs: number; readonly chunks: number };
    readonly map: PhaseFigures;
    readonly reduce: PhaseFigures;
  };
  readonly retries: {
    /** Attempts that were started because an earlier one of the same task came to nothing. */
    readonly count: number;
    readonly workersLost: number;
    readonly attemptsFailed: number;
    /** Why, the most frequent first. */
    readonly causes: readonly { readonly message: string; readonly times: number }[];
  };
  readonly backups: { readonly started: number; readonly won: number };
  /** Bad records that were left out. */
  readonly skippedRecords: number;
  /** Tasks that an earlier driver had committed. */
  readonly reusedTasks: number;
  /** The job's counters, added up over committed attempts. */
  readonly counters: Readonly<Record<string, number>>;
  /** The absolute paths of the output files, in the order of their tasks; none if the run did not end well. */
  readonly outputs: readonly string[];
  /** How many lines `--verify` found to be the same. */
  readonly verifiedLines?: number | undefined;
}

/** The result of a run that is done. */
export type DoneResult = RunEnd & RunFigures;

/** A run that could not begin has only its end. */
export type RunResult = RunEnd | (RunEnd & RunFigures);

// The lines of a journal: how a run began, every event, and every decision of the scheduler. If the events are replayed, a
// scheduler reaches the same state. Resuming, history, the report and the reproduction of bugs rely on that.

import type { Command, Event, Outcome, SchedulerOptions } from './events.ts';
import { Scheduler } from './scheduler.ts';
import type { RunState } from './state.ts';

/** Raised with each change that an older reader would misread. */
export const JOURNAL = 'http-mapreduce/2';
/** A version that can be read and replayed, but not resumed: each of its checksums covers one line alone. */
export const OLDER_JOURNAL = 'http-mapreduce/1';

/** The identity of a run: a run with another identity cannot be resumed with its files. */
export interface RunIdentity {
  readonly runId: string;
  readonly job: {
    readonly name: string;
    readonly path: string;
    /** The SHA-256 of its parts. */
    readonly digest: string;
    /** Its parts: files with the SHA-256 of their content, packages with their versions. */
    readonly parts?: readonly (readonly [path: string, content: string])[];
    /** The folder for its relative paths. */
    readonly folder?: string;
    readonly params: Readonly<Record<string, string>>;
  };
  /** The folder of the results, if it is not the one in the state directory. */
  readonly output?: string | undefined;
  readonly inputs: readonly {
    readonly file: string;
    readonly path: string;
    readonly sizeBytes: number;
    readonly mtimeMs: number;
  }[];
}

/** The first line. */
export interface RunStarted {
  readonly type: 'run-started';
  readonly journal: typeof JOURNAL | typeof OLDER_JOURNAL;
  readonly run: RunIdentity;
  readonly options: SchedulerOptions;
  /** The folder of the results, for readers of the journal. */
  readonly results?: string | undefined;
  /** The limits for workers, for readers of the journal: how long they may be silent, and the heap of the job's code. */
  readonly watch?: { readonly silenceMs: number; readonly heapBytes: number } | undefined;
}

/** A decision of the scheduler, which follows from the event before it. For `verify` only the number of files is written. */
type Decision =
  | {
      readonly [C in Exclude<Command, { type: 'end' | 'verify' }> as C['type']]: Omit<C, 'type'> & {
        readonly do: C['type'];
      };
    }[Exclude<Command['type'], 'end' | 'verify'>]
  | { readonly do: 'verify'; readonly count: number };

/** How a run ended: the last line of a journal, unless another driver has resumed the run. */
export interface RunEnded {
  readonly type: 'run-ended';
  readonly outcome: Outcome;
}

/** One line, with its time in milliseconds since 1970. */
export type JournalLine = { readonly at: number } & (RunStarted | Event | Decision | RunEnded);

/** The lines of an event and of the decisions on it. */
export function linesOf(at: number, event: Event, commands: readonly Command[]): JournalLine[] {
  return [
    { at, ...event },
    ...commands.map((command): JournalLine => {
      if (command.type === 'end') return { at, type: 'run-ended', outcome: command.outcome };
      if (command.type === 'verify') return { at, do: 'verify', count: command.files.length };
      const { type, ...rest } = command;
      return { at, do: type, ...rest } as JournalLine;
    }),
  ];
}

/** Receives each event with its time, the decisions on it, and the state after it. */
export type Onlooker = (at: number, event: Event, commands: readonly Command[], state: RunState) => void;

/**
 * Replays a journal. Returns the scheduler in its state at the end.
 * @throws Error if the lines do not begin with `run-started`
 */
export function replay(lines: readonly JournalLine[], look: Onlooker = () => {}): Scheduler {
  const [first, ...rest] = lines;
  if (first === undefined || !('type' in first) || first.type !== 'run-started') {
    throw new Error('expected a journal that begins with run-started');
  }
  const scheduler = new Scheduler(first.options, first.at);
  const tell = (at: number, event: Event): void => {
    const commands = scheduler.handle(event, at);
    look(at, event, commands, scheduler.state);
  };
  for (const line of steady(rest, first.at)) {
    if (isEvent(line)) tell(line.at, line);
    else if (isOlderEnd(line, scheduler.state)) for (const event of CLOSED) tell(line.at, event);
  }
  return scheduler;
}

/** The time of the last line, if time never went back. */
export function lastTime(lines: readonly JournalLine[]): number {
  let at = lines[0]?.at ?? 0;
  for (const line of steady(lines, at)) ({ at } = line);
  return at;
}

/** Corrects the times of lines so that they never go back: after a clock was set back, the difference is added. */
function* steady<L extends JournalLine>(lines: Iterable<L>, startMs: number): Generator<L> {
  let lastMs = startMs;
  let addedMs = 0;
  for (const line of lines) {
    addedMs += Math.max(0, lastMs - (line.at + addedMs));
    lastMs = line.at + addedMs;
    yield addedMs === 0 ? line : { ...line, at: lastMs };
  }
}

/** Whether a line ends a run of the older version, which was done when its last output was committed, without `published`. */
function isOlderEnd(line: JournalLine, { phase }: RunState): boolean {
  return phase !== 'ended' && 'type' in line && line.type === 'run-ended' && line.outcome.state === 'done';
}

const CLOSED: readonly Event[] = [{ type: 'outputs-verified' }, { type: 'published' }];

function isEvent(line: JournalLine): line is { at: number } & Event {
  return 'type' in line && line.type !== 'run-started' && line.type !== 'run-ended';
}

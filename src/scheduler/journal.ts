// The lines of a journal: how a run began, every event that the scheduler was told, and what it decided. Told the events
// again, a scheduler comes to the same state: that is resume, history, report, and how a bug is repeated.

import type { Command, Event, Outcome, SchedulerOptions } from './events.ts';
import { Scheduler } from './scheduler.ts';
import type { RunState } from './state.ts';

/** Raised with each change that an older reader would misread. */
export const JOURNAL = 'http-mapreduce/2';
/** Can be read, and told again, but not gone on with: the checksum of each of its lines is of that line alone. */
export const OLDER_JOURNAL = 'http-mapreduce/1';

/** What a run is: a run of something else cannot go on with its files. */
export interface RunIdentity {
  readonly runId: string;
  readonly job: {
    readonly name: string;
    readonly path: string;
    /** The SHA-256 of its parts. */
    readonly digest: string;
    /** What it is made of: files with the SHA-256 of their content, packages with their versions. */
    readonly parts?: readonly (readonly [path: string, content: string])[];
    /** The folder that it works in. */
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
  /** The folder of the results, for who reads. */
  readonly results?: string | undefined;
  /** What the driver held workers to, for who reads: how long they may be silent, and the heap of the job's code. */
  readonly watch?: { readonly silenceMs: number; readonly heapBytes: number } | undefined;
}

/** A decision of the scheduler, as it follows from the event of the line before. Of what is verified there is only the count. */
type Decision =
  | {
      readonly [C in Exclude<Command, { type: 'end' | 'verify' }> as C['type']]: Omit<C, 'type'> & {
        readonly do: C['type'];
      };
    }[Exclude<Command['type'], 'end' | 'verify'>]
  | { readonly do: 'verify'; readonly count: number };

/** How a run ended: the last line of a journal, unless another driver has gone on with the run. */
export interface RunEnded {
  readonly type: 'run-ended';
  readonly outcome: Outcome;
}

/** One line, with its time in milliseconds since 1970. */
export type JournalLine = { readonly at: number } & (RunStarted | Event | Decision | RunEnded);

/** The lines of an event and of what was decided on it. */
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

/** Sees each event with its time, what was decided on it, and the state after it. */
export type Onlooker = (at: number, event: Event, commands: readonly Command[], state: RunState) => void;

/**
 * The scheduler of a run as its journal leaves it.
 * @throws Error where the lines do not begin with `run-started`
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

/** When the last line was written, if time never went back. */
export function lastTime(lines: readonly JournalLine[]): number {
  let at = lines[0]?.at ?? 0;
  for (const line of steady(lines, at)) ({ at } = line);
  return at;
}

/** Lines whose time never goes back: what a clock that was set back shows less is added from there on. */
function* steady<L extends JournalLine>(lines: Iterable<L>, startMs: number): Generator<L> {
  let lastMs = startMs;
  let addedMs = 0;
  for (const line of lines) {
    addedMs += Math.max(0, lastMs - (line.at + addedMs));
    lastMs = line.at + addedMs;
    yield addedMs === 0 ? line : { ...line, at: lastMs };
  }
}

/** A run of an older version was done when its last output was committed. */
function isOlderEnd(line: JournalLine, { phase }: RunState): boolean {
  return phase !== 'ended' && 'type' in line && line.type === 'run-ended' && line.outcome.state === 'done';
}

const CLOSED: readonly Event[] = [{ type: 'outputs-verified' }, { type: 'published' }];

function isEvent(line: JournalLine): line is { at: number } & Event {
  return 'type' in line && line.type !== 'run-started' && line.type !== 'run-ended';
}

// Describes a run from its journal: in one line, or line by line as it happened.

import { type JournalLine, lastTime, replay, type RunEnded, type RunStarted } from '../scheduler/journal.ts';
import type { Outcome } from '../scheduler/events.ts';
import { causeText } from './cause.ts';
import { RunView } from './fold.ts';
import { momentOf } from './moment.ts';
import { Narrator } from './narrator.ts';
import { RunSummary } from './summary.ts';
import { bytesText, plural, secondsText } from './numbers.ts';
import { waitingText } from './waiting.ts';

/** One line for a list of runs. */
export function runLine(runId: string, lines: readonly JournalLine[]): string {
  const { run, options } = startOf(lines);
  const bytes = run.inputs.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const tasks = `${options.mapCount} + ${options.reduceCount} tasks`;
  const incidents = incidentsText(lines);
  return (
    `${runId}  ${run.job.name} over ${plural(run.inputs.length, 'file')}, ${bytesText(bytes)}, ${tasks}: ` +
    `${endOf(lines)}${incidents === '' ? '' : ` (${incidents})`}`
  );
}

/** The narration of the run. Each line has the seconds since the run began. */
export function* retell(lines: readonly JournalLine[]): Generator<string> {
  const start = startOf(lines);
  const printed: string[] = [];
  const narrator = new Narrator((line) => printed.push(line));
  const summary = new RunSummary(start.at);
  let lastMs = start.at;
  yield `${new Date(start.at).toISOString()}  ${start.run.job.name} begins: ${plural(start.options.mapCount, 'map task')}, ${plural(start.options.reduceCount, 'reduce task')}`;
  const history: string[] = [];
  let outcome: Outcome | undefined;
  replay(lines, (at, event, commands, state) => {
    narrator.observe(at, event, commands, state);
    summary.observe(at, event, commands, state);
    if (event.type === 'driver-resumed')
      history.push(...endOfDriver(outcome).map((text) => `${since(start.at, lastMs)}  ${text}`));
    outcome = commands.find((command) => command.type === 'end')?.outcome;
    for (const line of printed.splice(0)) history.push(`${since(start.at, at)}  ${line}`);
    lastMs = at;
  });
  yield* history;
  const end = endOf(lines);
  if (!isEnded(lines)) yield `${since(start.at, lastMs)}  ${waitingAtEnd(lines)}`;
  yield `${since(start.at, lastMs)}  ${end}`;
  if (!end.startsWith('done')) return;
  yield* summary.lines();
  if (start.results !== undefined) yield `  results: ${start.results}`;
}

/** How a driver ended whose run another driver has continued. An interruption has a line already. */
function endOfDriver(outcome: Outcome | undefined): string[] {
  if (outcome === undefined) return ['the driver died: nothing is recorded after this'];
  return outcome.state === 'failed' ? [`failed: ${firstLine(causeText(outcome.cause))}`] : [];
}

function startOf(lines: readonly JournalLine[]): RunStarted & { at: number } {
  return lines[0] as RunStarted & { at: number };
}

/** What a run without an end waited for when it was last heard of. */
function waitingAtEnd(lines: readonly JournalLine[]): string {
  const { record, startedAt } = RunView.of(lines);
  return waitingText(momentOf(record, lastTime(lines) - startedAt));
}

function isEnded(lines: readonly JournalLine[]): boolean {
  return outcomeOf(lines) !== undefined;
}

/** How the run ended, unless another driver has continued it since. */
function outcomeOf(lines: readonly JournalLine[]): Outcome | undefined {
  const last = lines.findLast(
    (line) => 'type' in line && (line.type === 'run-ended' || line.type === 'driver-resumed'),
  );
  return last !== undefined && 'type' in last && last.type === 'run-ended' ? (last as RunEnded).outcome : undefined;
}

function endOf(lines: readonly JournalLine[]): string {
  const outcome = outcomeOf(lines);
  const took = secondsText(lastTime(lines) - lines[0]!.at);
  if (outcome === undefined) return `not ended, ${took} so far`;
  if (outcome.state === 'interrupted') return `interrupted by ${outcome.signal} after ${took}`;
  if (outcome.state === 'failed') return `failed after ${took}: ${firstLine(causeText(outcome.cause))}`;
  const { length: skipped } = outcome.skipped;
  return `done${skipped === 0 ? '' : `, ${plural(skipped, 'record')} skipped,`} in ${took}`;
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0]!;
}

function incidentsText(lines: readonly JournalLine[]): string {
  const count = (type: string): number => lines.filter((line) => 'type' in line && line.type === type).length;
  const backups = lines.filter((line) => 'do' in line && line.do === 'start-attempt' && line.backup).length;
  const timeouts = lines.filter(
    (line) => 'do' in line && line.do === 'cancel-attempt' && line.reason === 'timeout',
  ).length;
  return [
    [count('worker-lost'), 'worker lost', 'workers lost'] as const,
    [count('attempt-failed') + count('commit-failed') + timeouts, 'attempt failed', 'attempts failed'] as const,
    [backups, 'backup attempt', 'backup attempts'] as const,
    [driversLost(lines), 'driver lost', 'drivers lost'] as const,
  ]
    .filter(([times]) => times > 0)
    .map(([times, one, many]) => `${times} ${times === 1 ? one : many}`)
    .join(', ');
}

/** A driver that continues a run without an end follows one that died. */
function driversLost(lines: readonly JournalLine[]): number {
  return lines.filter((line, index) => {
    const before = lines[index - 1];
    const goesOn = 'type' in line && line.type === 'driver-resumed';
    return goesOn && !(before !== undefined && 'type' in before && before.type === 'run-ended');
  }).length;
}

function since(startMs: number, nowMs: number): string {
  return secondsText(nowMs - startMs).padStart(9);
}

// Prints the results for people: one table per case, and its targets.

import type { CaseResult, ContestantResult, TargetResult } from './result.ts';
import type { Machine } from './machine.ts';

const HEAD = ['contestant', 'median s', 'MB/s', '× reference', 'peak MiB', 'largest child'];

/** From this load on, other processes affect the figures noticeably. */
const BUSY_LOAD = 0.5;

export function machineLines(machine: Machine): string[] {
  const { cpu, cores, memoryGiB, load, system, node, commit, peers, measuresMemory } = machine;
  const versions = Object.entries(peers).map(([name, version]) => `${name} ${version}`);
  return [
    `${cpu}, ${cores} cores, ${memoryGiB} GiB, ${system}, Node ${node}, commit ${commit}`,
    `peers: ${versions.join(' · ') || 'none'}`,
    ...(load < BUSY_LOAD ? [] : [`the machine is busy, load ${load.toFixed(1)}: ratios say little, times nothing`]),
    ...(measuresMemory ? [] : ['peaks of memory are not measured: this system has no /proc']),
  ];
}

export function caseLines({ name, says, reference, contestants, targets }: CaseResult): string[] {
  return [
    '',
    `${name}: ${says}`,
    `reference: ${reference}`,
    ...aligned([HEAD, ...contestants.map(row)]),
    ...contestants.flatMap(({ name: who, failures }) => failures.map((failure) => `FAILED ${who}: ${failure}`)),
    ...targets.map(targetLine),
  ];
}

/** All targets of all cases, and how many are met. */
export function summaryLines(results: readonly CaseResult[]): string[] {
  const targets = results.flatMap(({ name, targets }) => targets.map((target) => ({ name, target })));
  if (targets.length === 0) return [];
  const verdicts = Object.entries(Object.groupBy(targets, ({ target }) => target.verdict));
  return [
    '',
    ...targets.map(({ name, target }) => `${name}: ${targetLine(target)}`),
    verdicts.map(([verdict, those]) => `${those.length} ${verdict}`).join(', '),
  ];
}

function row({ name, skipped, medianMs, megabytesPerSecond, ratioToReference, peaks }: ContestantResult): string[] {
  if (skipped !== undefined) return [name, `skipped: ${skipped}`];
  return [
    name,
    medianMs === undefined ? '–' : (medianMs / 1000).toFixed(2),
    megabytesPerSecond?.toFixed(0) ?? '–',
    ratioToReference?.toFixed(2) ?? '–',
    peaks?.firstMiB.toFixed(0) ?? '–',
    peaks === undefined || peaks.processCount === 1 ? '–' : peaks.othersMiB.toFixed(0),
  ];
}

function targetLine({ says, limit, measured, unit = '', verdict }: TargetResult): string {
  const found = measured === undefined ? '' : `, measured ${measured.toFixed(measured < 10 ? 2 : 0)} ${unit}`.trimEnd();
  const wanted = `target: ${says} ${limit} ${unit}`.trimEnd();
  return `${wanted}${found}: ${verdict}`;
}

/** Aligns columns: the first to the left, numbers to the right; the last cell of a short row is left as it is. */
function aligned(rows: readonly (readonly string[])[]): string[] {
  const full = rows.filter(({ length }) => length === HEAD.length);
  const widths = HEAD.map((_, column) =>
    Math.max(...(column === 0 ? rows : full).map((cells) => cells[column]?.length ?? 0)),
  );
  return rows.map((cells) =>
    cells
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!)))
      .join('  ')
      .trimEnd(),
  );
}

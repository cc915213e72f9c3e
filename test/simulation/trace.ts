// Writes a simulated run in plain lines: the events, and the decisions on them.

import type { Command, Event } from '../../src/scheduler/events.ts';

export function eventText({ type, ...rest }: Event): string {
  return `${type} ${rest === undefined ? '' : detailText(rest)}`.trimEnd();
}

export function commandText({ type, ...rest }: Command): string {
  return `-> ${type} ${detailText(rest)}`.trimEnd();
}

/** Returns a text such as `attempt map-3.1, worker 2`. */
function detailText(detail: object): string {
  return Object.entries(detail)
    .filter(([name, value]) => name !== 'bytes' && value !== undefined)
    .map(([name, value]: [string, unknown]) => `${name} ${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(', ');
}

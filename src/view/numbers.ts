// Formats numbers for people.

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'];

/** 1234567 bytes: `1.23 MB`. Units are powers of 1000. */
export function bytesText(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 ? value : value.toPrecision(3)} ${UNITS[unit]}`;
}

/** 1234567: `1,234,567`. */
export function countText(count: number): string {
  // Not toLocaleString: its first call loads the tables of all languages, which takes as long as ten small tasks.
  const [whole, fraction] = String(count).split('.');
  return whole!.replaceAll(/\B(?=(\d{3})+$)/g, ',') + (fraction === undefined ? '' : `.${fraction}`);
}

/** 1: `1 chunk`, 2: `2 chunks`. */
export function plural(count: number, noun: string): string {
  return `${countText(count)} ${noun}${count === 1 ? '' : 's'}`;
}

/** Milliseconds as seconds with two decimals, for columns: `1.23 s`. */
export function secondsText(ms: number): string {
  return `${(ms / 1000).toFixed(2)} s`;
}

/** Milliseconds as a duration in the unit that suits it: `7 ms`, `0.42 s`, `4.2 s`, `2 min 5 s`, `3 h 20 min`. */
export function durationText(ms: number): string {
  if (ms > 0 && ms < 100) return `${Math.ceil(ms)} ms`;
  if (ms < 995) return secondsText(ms);
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${seconds % 60} s`;
  return `${countText(Math.floor(minutes / 60))} h ${minutes % 60} min`;
}

// Reads the colours of the style sheet for canvases. They change with the system's colour scheme.

const NAMES = ['panel', 'ink', 'muted', 'line', 'track', 'map', 'reduce', 'good', 'bad', 'warn', 'heat'] as const;
type ColourName = (typeof NAMES)[number];
export type Colours = Readonly<Record<ColourName, string>>;

let known: Colours | undefined;
const dark = matchMedia('(prefers-color-scheme: dark)');
dark.addEventListener('change', () => (known = undefined));

export function colours(): Colours {
  if (known !== undefined) return known;
  const style = getComputedStyle(document.documentElement);
  known = Object.fromEntries(NAMES.map((name) => [name, style.getPropertyValue(`--${name}`).trim()])) as Colours;
  return known;
}

/** Calls `changed` whenever the system's colour scheme has changed. */
export function onScheme(changed: () => void): void {
  dark.addEventListener('change', changed);
}

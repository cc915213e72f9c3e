// Texts that V8 holds by themselves. A part of a text, such as a word of a line, may hold all of that text, and a text that was put
// together of many may hold each of these: kept for long, they would take many times what they seem to.

/** V8 copies shorter parts itself. */
const LEAST_LENGTH = 13;

/** A value with texts of its own in place of those in it. Its arrays and plain objects are changed: they are to be the caller's. */
export function ownTexts(value: unknown): unknown {
  if (typeof value === 'string') return value.length < LEAST_LENGTH ? value : Buffer.from(value).toString();
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) {
    for (let at = 0; at < value.length; at++) if (holdsText(value[at])) value[at] = ownTexts(value[at]);
  } else if (Object.getPrototypeOf(value) === Object.prototype) {
    const fields = value as Record<string, unknown>;
    for (const name of Object.keys(fields)) if (holdsText(fields[name])) fields[name] = ownTexts(fields[name]);
  }
  return value;
}

function holdsText(part: unknown): boolean {
  return typeof part === 'string' ? part.length >= LEAST_LENGTH : typeof part === 'object' && part !== null;
}

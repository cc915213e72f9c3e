// Copies strings so that V8 keeps no larger ones alive. A substring, such as a word of a line, may keep the whole line alive, and a
// concatenated string may keep all its parts: kept for long, they take many times the memory that they seem to.

/** V8 itself copies substrings shorter than this. */
const LEAST_LENGTH = 13;

/** Returns a value with its strings copied. Changes its arrays and plain objects in place: the caller must own them. */
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

// Finds the first difference between two values, as a path into them. An undefined property equals a missing one: JSON does not
// distinguish them.

/** Returns a text such as `tasks.map.3.failures: 1, not 2`; undefined if the values are equal. */
export function difference(one: unknown, other: unknown): string | undefined {
  return differenceAt(one, other, '', new Set());
}

function differenceAt(one: unknown, other: unknown, path: string, visited: Set<object>): string | undefined {
  if (Object.is(one, other)) return undefined;
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) {
    return `${path}: ${String(one)}, not ${String(other)}`;
  }
  if (visited.has(one)) return undefined;
  visited.add(one);
  const entries = entriesOf(one);
  const others = entriesOf(other);
  for (const name of new Set([...entries.keys(), ...others.keys()])) {
    const below = path === '' ? String(name) : `${path}.${String(name)}`;
    const found = differenceAt(entries.get(name), others.get(name), below, visited);
    if (found !== undefined) return found;
  }
  return undefined;
}

function entriesOf(value: object): ReadonlyMap<unknown, unknown> {
  if (value instanceof Map) return value;
  if (value instanceof Set) return new Map(Array.from(value, (member: unknown) => [member, true]));
  return new Map<unknown, unknown>(Object.entries(value));
}

// Estimates how much memory a value takes. The bounds on buffers and blocks count these estimates.

const REFERENCE_BYTES = 8;
const OBJECT_BYTES = 32;

/** An estimate in bytes, never far below the truth for plain data. An object that is reached in several ways counts once. */
export function valueBytes(value: unknown): number {
  switch (typeof value) {
    case 'number':
    case 'boolean':
    case 'undefined':
      return REFERENCE_BYTES;
    case 'string':
      return OBJECT_BYTES + 2 * value.length;
    case 'object':
      return value === null ? REFERENCE_BYTES : objectBytes(value);
    default:
      return OBJECT_BYTES;
  }
}

function objectBytes(root: object): number {
  return flatBytes(root) ?? nestedBytes(root);
}

/** The same for an array or a plain object that holds no other object, as most do, without allocating anything; otherwise undefined. */
function flatBytes(root: object): number | undefined {
  let bytes = OBJECT_BYTES;
  if (Array.isArray(root)) {
    for (const part of root as unknown[]) {
      if (typeof part === 'object' && part !== null) return undefined;
      bytes += REFERENCE_BYTES + valueBytes(part);
    }
    return bytes;
  }
  if (Object.getPrototypeOf(root) !== Object.prototype) return undefined;
  for (const name of Object.keys(root)) {
    const part = (root as Record<string, unknown>)[name];
    if (typeof part === 'object' && part !== null) return undefined;
    bytes += 2 * REFERENCE_BYTES + valueBytes(name) + valueBytes(part);
  }
  return bytes;
}

function nestedBytes(root: object): number {
  const objects = [root];
  const seen = new Set(objects);
  let bytes = 0;
  for (let object = objects.pop(); object !== undefined; object = objects.pop()) {
    bytes += OBJECT_BYTES;
    for (const part of partsOf(object)) {
      bytes += REFERENCE_BYTES;
      if (typeof part !== 'object' || part === null) bytes += valueBytes(part);
      else if (!seen.has(part)) {
        objects.push(part);
        seen.add(part);
      }
    }
    if (ArrayBuffer.isView(object)) bytes += object.byteLength;
  }
  return bytes;
}

/** The contents of an object: elements, entries, or the names and values of its fields. */
function* partsOf(object: object): Generator {
  if (ArrayBuffer.isView(object)) return;
  if (object instanceof Map) for (const entry of object) yield* entry as [unknown, unknown];
  else if (Array.isArray(object) || object instanceof Set) yield* object as Iterable<unknown>;
  else for (const field of Object.entries(object)) yield* field as [unknown, unknown];
}

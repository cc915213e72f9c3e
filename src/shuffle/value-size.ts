// How much memory a value takes, roughly: what the bounds on buffers and blocks count.

const REFERENCE_BYTES = 8;
const OBJECT_BYTES = 32;

/** An estimate in bytes, never far below the truth for plain data. Cyclic values are for the serializer to refuse. */
export function valueBytes(value: unknown, depth = 0): number {
  switch (typeof value) {
    case 'number':
    case 'boolean':
    case 'undefined':
      return REFERENCE_BYTES;
    case 'string':
      return OBJECT_BYTES + 2 * value.length;
    case 'object':
      return value === null ? REFERENCE_BYTES : objectBytes(value, depth);
    default:
      return OBJECT_BYTES;
  }
}

function objectBytes(value: object, depth: number): number {
  if (ArrayBuffer.isView(value)) return OBJECT_BYTES + value.byteLength;
  if (depth > 100) return OBJECT_BYTES;
  let bytes = OBJECT_BYTES;
  for (const part of Array.isArray(value) ? value : Object.values(value)) {
    bytes += REFERENCE_BYTES + valueBytes(part, depth + 1);
  }
  return bytes;
}

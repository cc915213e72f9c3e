// Computes the checksum of two pieces that follow each other from the checksums of both. So the bytes of a block are read once
// for two checksums, that in its header and that of the file.
//
// Source: M. Adler, zlib's crc32_combine: appending n zero bytes to a message multiplies its crc by x^(8n), modulo the
// polynomial; the bits of a crc are the coefficients of a polynomial, the highest bit that of x^0.

const POLYNOMIAL = 0xedb88320 | 0;
const ONE = 0x80000000 | 0;
/** x^8: the factor for one byte. */
const ONE_BYTE = 0x00800000;

/** x^(8 * 2^k), for k from 0 on: enough for every length that is a safe integer. */
const powers = new Int32Array(53);
powers[0] = ONE_BYTE;
for (let k = 1; k < powers.length; k++) powers[k] = multiply(powers[k - 1]!, powers[k - 1]!);

/** The length that was asked for last, and its factor: a block is often as long as the one before. */
let lastLength = 0;
let lastPower = ONE;

/** The crc32 of bytes whose crc32 is `first`, followed by `lengthBytes` bytes whose crc32 is `second`. */
export function joinedChecksum(first: number, second: number, lengthBytes: number): number {
  if (lengthBytes !== lastLength) {
    lastLength = lengthBytes;
    lastPower = powerOf(lengthBytes);
  }
  return (multiply(lastPower, first) ^ second) >>> 0;
}

/** x^(8 * lengthBytes). */
function powerOf(lengthBytes: number): number {
  let power = ONE;
  for (let k = 0, rest = lengthBytes; rest > 0; k++, rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) power = multiply(powers[k]!, power);
  }
  return power;
}

/** The product of two polynomials, modulo the polynomial of the crc. */
function multiply(a: number, b: number): number {
  let product = 0;
  let factor = b;
  // Without branches: nobody can predict the bits of a checksum.
  for (let bit = 31; bit >= 0; bit--) {
    product ^= factor & -((a >>> bit) & 1);
    factor = (factor >>> 1) ^ (POLYNOMIAL & -(factor & 1));
  }
  return product;
}

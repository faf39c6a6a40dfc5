/** The polynomial of CRC-32C (Castagnoli), bits reversed. `zlib.crc32` is the other CRC-32. */
const POLYNOMIAL = 0x82f63b78

/** Eight tables of 256: table n is what a byte does to the sum n bytes later, so that eight bytes are taken at once. */
const tables = new Int32Array(8 * 256)
for (let byte = 0; byte < 256; byte++) {
  let sum = byte
  for (let bit = 0; bit < 8; bit++) sum = sum & 1 ? (sum >>> 1) ^ POLYNOMIAL : sum >>> 1
  tables[byte] = sum
}
for (let index = 256; index < tables.length; index++) {
  const before = tables[index - 256]!
  tables[index] = (before >>> 8) ^ tables[before & 255]!
}

/** CRC-32C of `bytes[start…end)`, unsigned: what Kafka checks a batch of records by. */
export const crc32c = (bytes: Uint8Array, start: number, end: number): number => {
  let sum = -1
  let at = start
  for (const last = end - 8; at <= last; at += 8) {
    sum ^= bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)
    sum =
      tables[1792 + (sum & 255)]! ^
      tables[1536 + ((sum >>> 8) & 255)]! ^
      tables[1280 + ((sum >>> 16) & 255)]! ^
      tables[1024 + (sum >>> 24)]! ^
      tables[768 + bytes[at + 4]!]! ^
      tables[512 + bytes[at + 5]!]! ^
      tables[256 + bytes[at + 6]!]! ^
      tables[bytes[at + 7]!]!
  }
  for (; at < end; at++) sum = (sum >>> 8) ^ tables[(sum ^ bytes[at]!) & 255]!
  return ~sum >>> 0
}

/* Whole numbers as bytes, seven bits each, the lowest first: what a snapshot holds is mostly small. */

export interface SnapshotWriter {
  /** A whole number from 0 to 2^53. */
  readonly write: (value: number) => void
  /** Any number, in 8 bytes. */
  readonly writeFloat: (value: number) => void
  readonly bytes: () => Uint8Array
}

export const snapshotWriter = (): SnapshotWriter => {
  let bytes = new Uint8Array(16_384)
  let at = 0
  const makeRoom = (): void => {
    const grown = new Uint8Array(bytes.length * 2)
    grown.set(bytes)
    bytes = grown
  }
  return {
    write: (value) => {
      if (at + 10 > bytes.length) makeRoom()
      let rest = value
      // The operators on bits are quicker, and end at 32.
      for (; rest > 0x7fff_ffff; rest = Math.floor(rest / 128)) bytes[at++] = (rest % 128) + 128
      for (; rest >= 128; rest >>>= 7) bytes[at++] = (rest & 127) | 128
      bytes[at++] = rest
    },
    writeFloat: (value) => {
      if (at + 10 > bytes.length) makeRoom()
      new DataView(bytes.buffer).setFloat64(at, value, true)
      at += 8
    },
    bytes: () => bytes.slice(0, at),
  }
}

export interface SnapshotReader {
  /** Both throw behind the end. */
  readonly read: () => number
  readonly readFloat: () => number
  readonly isAtEnd: () => boolean
}

export const snapshotReader = (bytes: Uint8Array): SnapshotReader => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let at = 0
  const refuseBehindEnd = (end: number): void => {
    if (end > bytes.length) throw new Error(`A history ends after ${bytes.length} bytes: it is damaged.`)
  }
  const readLong = (): number => {
    let value = 0
    for (let unit = 1; ; unit *= 128) {
      refuseBehindEnd(at + 1)
      const byte = bytes[at++]!
      value += (byte & 127) * unit
      if (byte < 128) return value
    }
  }
  return {
    read: () => {
      const first = bytes[at]
      if (first === undefined || first >= 128) return readLong()
      at++
      return first
    },
    readFloat: () => {
      refuseBehindEnd(at + 8)
      at += 8
      return view.getFloat64(at - 8, true)
    },
    isAtEnd: () => at === bytes.length,
  }
}

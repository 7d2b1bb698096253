import type { MetricSink } from './monitoring.ts'

/**
 * Writes points in the format of TensorBoard (TFRecord of tensorflow.Event): `write` receives the
 * bytes of an event file, in order.
 */
export function tensorboardSink(write: (bytes: Uint8Array) => void, startedAt: number): MetricSink {
  write(framed(eventBytes(startedAt, 0, field(3, 'brain.Event:2'))))
  return (name, { step, value, at }) => {
    const one = bytes(field(1, name), float(2, value))
    write(framed(eventBytes(at, step, nested(5, nested(1, one)))))
  }
}

/** The name of an event file; TensorBoard finds it by its first part. */
export function eventFileName(startedAt: number, host = 'clawdeck'): string {
  return `events.out.tfevents.${Math.floor(startedAt / 1000)}.${host}`
}

function eventBytes(at: number, step: number, what: Uint8Array): Uint8Array {
  const time = new Uint8Array(9)
  time[0] = (1 << 3) | 1
  new DataView(time.buffer).setFloat64(1, at / 1000, true)
  return bytes(time, bytes(new Uint8Array([2 << 3]), varint(step)), what)
}

/** A record: its length, the length's checksum, the data, the data's checksum. */
function framed(data: Uint8Array): Uint8Array {
  const length = new Uint8Array(8)
  new DataView(length.buffer).setUint32(0, data.length, true)
  return bytes(length, masked(length), data, masked(data))
}

function masked(data: Uint8Array): Uint8Array {
  const crc = crc32c(data)
  const out = new Uint8Array(4)
  new DataView(out.buffer).setUint32(0, (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0, true)
  return out
}

function field(number: number, text: string): Uint8Array {
  return nested(number, new TextEncoder().encode(text))
}

function nested(number: number, data: Uint8Array): Uint8Array {
  return bytes(new Uint8Array([(number << 3) | 2]), varint(data.length), data)
}

function float(number: number, value: number): Uint8Array {
  const out = new Uint8Array(5)
  out[0] = (number << 3) | 5
  new DataView(out.buffer).setFloat32(1, value, true)
  return out
}

function varint(value: number): Uint8Array {
  const out: number[] = []
  let left = Math.max(0, Math.floor(value))
  do {
    const low = left % 128
    left = Math.floor(left / 128)
    out.push(left > 0 ? low | 0x80 : low)
  } while (left > 0)
  return new Uint8Array(out)
}

function bytes(...parts: Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts))
}

/** CRC-32C (Castagnoli), bit by bit: event files are small. */
function crc32c(data: Uint8Array): number {
  let crc = 0xffffffff
  for (const byte of data) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0x82f63b78 : 0)
  }
  return (crc ^ 0xffffffff) >>> 0
}

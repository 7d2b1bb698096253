/** What a TLS client says first: the name of the server, or that it names none. */
export type Hello =
  | { kind: 'more' }
  | { kind: 'other' }
  | { kind: 'bad' }
  | { kind: 'hello'; serverName: string | undefined }

const HANDSHAKE = 22
const CLIENT_HELLO = 1
const SERVER_NAME = 0
const HOST_NAME = 0

/**
 * Reads the beginning of what a tunnel carries. `more`: it could become a client's hello; `other`:
 * it is not TLS; `bad`: it is a hello that nobody should send.
 */
export function readHello(bytes: Buffer): Hello {
  if (bytes.length === 0) return { kind: 'more' }
  if (bytes[0] !== HANDSHAKE) return { kind: 'other' }
  if (bytes.length > 1 && bytes[1] !== 3) return { kind: 'other' }
  const message = handshakeOf(bytes)
  if (message === 'more' || message === 'bad') return { kind: message }
  try {
    return { kind: 'hello', serverName: serverNameIn(new Reader(message)) }
  } catch {
    return { kind: 'bad' }
  }
}

/** The first handshake message, put together from its records. */
function handshakeOf(bytes: Buffer): Buffer | 'more' | 'bad' {
  const parts: Buffer[] = []
  let have = 0
  let need = 4
  for (let at = 0; have < need;) {
    if (bytes.length < at + 5) return 'more'
    if (bytes[at] !== HANDSHAKE || bytes[at + 1] !== 3) return 'bad'
    const length = bytes.readUInt16BE(at + 3)
    if (length === 0 || length > 16_640) return 'bad'
    const part = bytes.subarray(at + 5, at + 5 + length)
    parts.push(part)
    have += part.length
    if (have >= 4) {
      const head = Buffer.concat(parts)
      if (head[0] !== CLIENT_HELLO) return 'bad'
      need = 4 + head.readUIntBE(1, 3)
    }
    if (part.length < length && have < need) return 'more'
    at += 5 + length
  }
  return Buffer.concat(parts).subarray(4, need)
}

/** Version and random, session, ciphers, compression, extensions. */
function serverNameIn(hello: Reader): string | undefined {
  hello.skip(34)
  hello.vector(1)
  hello.vector(2)
  hello.vector(1)
  if (hello.isEmpty) return undefined
  const extensions = hello.vector(2)
  let name: string | undefined
  while (!extensions.isEmpty) {
    const type = extensions.number(2)
    const body = extensions.vector(2)
    if (type !== SERVER_NAME) continue
    const names = body.vector(2)
    if (name !== undefined || names.number(1) !== HOST_NAME) throw new RangeError('names')
    name = names.vector(2).text()
    if (!names.isEmpty) throw new RangeError('two names')
  }
  return name
}

/** Reads numbers and vectors in their order. Throws where there is less than it should be. */
class Reader {
  readonly #bytes: Buffer
  #at = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  get isEmpty(): boolean {
    return this.#at >= this.#bytes.length
  }

  skip(length: number): void {
    if (this.#at + length > this.#bytes.length) throw new RangeError('short')
    this.#at += length
  }

  number(length: number): number {
    const at = this.#at
    this.skip(length)
    return this.#bytes.readUIntBE(at, length)
  }

  vector(lengthBytes: number): Reader {
    const length = this.number(lengthBytes)
    const at = this.#at
    this.skip(length)
    return new Reader(this.#bytes.subarray(at, at + length))
  }

  text(): string {
    return this.#bytes.toString('latin1')
  }
}

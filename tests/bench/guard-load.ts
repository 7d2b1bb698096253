import { connect, type Socket } from 'node:net'

/**
 * Asks a guard door from a process of its own, as an agent does, so that neither side waits for the other's work. The job
 * is the first argument, the answer one line of JSON. Plain sockets: a client library would cost more than the door.
 */
export interface LoadJob {
  address: string
  /** Where else than at the guard's own address. */
  path?: string
  headers?: Record<string, string>
  question: Record<string, unknown>
  /** Questions under way at once; with `rate` the most there may be. */
  flight: number
  /** Questions a second whether or not earlier ones were answered; without it each connection asks again at once. */
  rate?: number
  seconds: number
  /** A refusal because of a limit is no answer: what was asked is asked again, without waiting. */
  insists?: boolean
}

export interface LoadAnswer {
  answered: number
  perSecond: number
  p50: number
  p95: number
  p99: number
  worst: number
  decision: string
  skipped: number
  /** How often the door said that a limit was reached. */
  refused: number
}

class Line {
  readonly #socket: Socket
  #rest = ''
  #sentAt = 0
  #heard: (took: number, body: string) => void = () => undefined
  #request = ''
  readonly #insists: boolean
  refused = 0
  free = true

  constructor(socket: Socket, insists: boolean) {
    this.#insists = insists
    this.#socket = socket.setNoDelay(true).setEncoding('latin1')
    socket.on('data', (chunk: string) => this.#read(chunk))
    // The door hangs up on whoever says nothing for a while: what is asked on such a line would wait for ever.
    socket.on('close', () => {
      this.free = false
    })
    socket.on('error', (error) => {
      throw error
    })
  }

  ask(request: string, heard: (took: number, body: string) => void): void {
    this.free = false
    this.#heard = heard
    this.#request = request
    this.#sentAt = performance.now()
    this.#socket.write(request, 'latin1')
  }

  #read(chunk: string): void {
    this.#rest += chunk
    const end = this.#rest.indexOf('\r\n\r\n')
    if (end < 0) return
    const length = Number(/content-length: (\d+)/i.exec(this.#rest)?.[1])
    if (this.#rest.length < end + 4 + length) return
    const whole = this.#rest
    this.#rest = ''
    if (this.#insists && whole.startsWith('HTTP/1.1 429')) {
      this.refused++
      this.#socket.write(this.#request, 'latin1')
      return
    }
    if (!/^HTTP\/1\.1 20[01]/.test(whole))
      throw new Error(`the door answered ${whole.slice(0, 200)}`)
    this.free = true
    this.#heard(performance.now() - this.#sentAt, whole.slice(end + 4))
  }

  close(): void {
    this.#socket.destroy()
  }
}

function dial(address: string, insists: boolean): Promise<Line> {
  const unix = address.startsWith('unix:')
  const url = unix ? undefined : new URL(address)
  return new Promise((resolve, reject) => {
    const socket = unix ? connect(address.slice(5)) : connect(Number(url?.port), url?.hostname)
    socket.once('connect', () => resolve(new Line(socket, insists))).once('error', reject)
  })
}

async function main(job: LoadJob): Promise<LoadAnswer> {
  const lines = await Promise.all(
    Array.from({ length: job.flight }, () => dial(job.address, job.insists ?? false)),
  )
  const body = JSON.stringify(job.question)
  const headers = { host: 'deck', 'content-type': 'application/json', ...job.headers }
  const head = Object.entries({ ...headers, 'content-length': body.length })
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('')
  const request = `POST ${job.path ?? '/v1/ask'} HTTP/1.1\r\n${head}\r\n${body}`
  const took: number[] = []
  let decision = ''
  const began = performance.now()
  const ends = began + job.seconds * 1000
  const skipped = job.rate === undefined ? await busily() : await steadily(job.rate)
  const elapsed = (performance.now() - began) / 1000
  for (const line of lines) line.close()
  const sorted = took.sort((a, b) => a - b)
  const at = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
  return {
    answered: took.length,
    perSecond: took.length / elapsed,
    p50: at(0.5),
    p95: at(0.95),
    p99: at(0.99),
    worst: at(1),
    decision,
    skipped,
    refused: lines.reduce((sum, line) => sum + line.refused, 0),
  }

  function keep(ms: number, text: string): void {
    took.push(ms)
    if (decision === '') decision = (JSON.parse(text) as { decision: string }).decision
  }

  function busily(): Promise<number> {
    return new Promise((resolve) => {
      let open = lines.length
      for (const line of lines) {
        const next = (): void =>
          line.ask(request, (ms, text) => {
            keep(ms, text)
            if (performance.now() < ends) next()
            else if (--open === 0) resolve(0)
          })
        next()
      }
    })
  }

  /** On a schedule of its own: a slow answer delays no other question. */
  function steadily(rate: number): Promise<number> {
    return new Promise((resolve) => {
      let sent = 0
      let missed = 0
      let open = 0
      const timer = setInterval(() => {
        const now = performance.now()
        const due = Math.floor(((Math.min(now, ends) - began) * rate) / 1000)
        for (; sent < due; sent++) {
          const line = lines.find(({ free }) => free)
          if (line === undefined) {
            missed++
            continue
          }
          open++
          line.ask(request, (ms, text) => {
            keep(ms, text)
            open--
          })
        }
        if (now >= ends && open === 0) {
          clearInterval(timer)
          resolve(missed)
        }
      }, 1)
    })
  }
}

process.stdout.write(
  `${JSON.stringify(await main(JSON.parse(process.argv[2] ?? '') as LoadJob))}\n`,
)

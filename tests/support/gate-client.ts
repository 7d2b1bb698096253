import { request } from 'node:http'
import { connect, type Socket } from 'node:net'

/** What was answered through a gate. */
export interface ThroughGate {
  status: number
  phrase: string
  text: string
}

/** Speaks to a gate as programs in a pod do, at its Unix socket. */
export class GateClient {
  readonly #path: string

  constructor(path: string) {
    this.#path = path
  }

  /** Sends raw bytes and reads until the other side ends, or `until` is in what was read. */
  raw(bytes: string | Buffer, until?: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const socket = connect(this.#path)
      let text = ''
      const end = () => {
        socket.destroy()
        resolve(text)
      }
      socket.setEncoding('latin1')
      socket.on('data', (part: string) => {
        text += part
        if (until !== undefined && text.includes(until)) end()
      })
      socket.on('error', (error: NodeJS.ErrnoException) =>
        error.code === 'ECONNRESET' || error.code === 'EPIPE' ? end() : reject(error),
      )
      socket.on('close', end)
      socket.write(bytes)
    })
  }

  /** A plain request with a whole address. */
  get(url: string, options: { method?: string; body?: string } = {}): Promise<ThroughGate> {
    return new Promise((resolve, reject) => {
      const sent = request(
        {
          socketPath: this.#path,
          method: options.method ?? 'GET',
          path: url,
          headers: { host: new URL(url).host },
          agent: false,
        },
        (answer) => {
          let text = ''
          answer.setEncoding('utf8')
          answer.on('data', (part: string) => {
            text += part
          })
          answer.on('end', () =>
            resolve({
              status: answer.statusCode ?? 0,
              phrase: answer.statusMessage ?? '',
              text,
            }),
          )
          answer.on('error', reject)
        },
      )
      sent.on('error', reject)
      sent.end(options.body)
    })
  }

  /** Opens a tunnel. Without a socket it was refused. */
  tunnel(
    authority: string,
  ): Promise<{ status: number; phrase: string; text: string; socket?: Socket }> {
    return new Promise((resolve, reject) => {
      const sent = request({
        socketPath: this.#path,
        method: 'CONNECT',
        path: authority,
        headers: { host: authority },
        agent: false,
      })
      sent.on('connect', (answer, socket: Socket, head) => {
        const { statusCode: status = 0, statusMessage: phrase = '' } = answer
        if (status === 200) {
          resolve({ status, phrase, text: '', socket })
          return
        }
        let text = head.toString()
        socket.on('data', (part: Buffer) => {
          text += part.toString()
        })
        socket.on('end', () => {
          socket.destroy()
          resolve({ status, phrase, text })
        })
      })
      sent.on('error', reject)
      sent.end()
    })
  }
}

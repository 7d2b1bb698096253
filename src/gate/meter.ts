import type { Socket } from 'node:net'
import type { Meter } from './flows.ts'

/** Adds up what several connections carry, one after another. */
export class SocketMeter {
  readonly #open = new Set<Socket>()
  #closed: Meter = { up: 0, down: 0 }

  add(socket: Socket): void {
    this.#open.add(socket)
    socket.once('close', () => {
      this.#open.delete(socket)
      this.#closed = plus(this.#closed, socket)
    })
  }

  read(): Meter {
    let sum = this.#closed
    for (const socket of this.#open) sum = plus(sum, socket)
    return sum
  }
}

function plus({ up, down }: Meter, { bytesWritten, bytesRead }: Socket): Meter {
  return { up: up + bytesWritten, down: down + bytesRead }
}

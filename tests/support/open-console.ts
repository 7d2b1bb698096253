import { applyFrames, emptyWorld, type WorldHalf } from '../../src/doors/console/store/world.ts'
import { openLink } from '../../src/doors/operator/client.ts'
import type { TestDeck } from './deck.ts'

/** A console's mirror that is open all the time, and resolves when it is as said. */
export class OpenConsole {
  #world: WorldHalf = emptyWorld()
  #waiting: { is: (world: WorldHalf) => boolean; go: () => void }[] = []

  constructor(deck: TestDeck, cleanups: (() => unknown)[]) {
    const link = openLink(deck.home.socket, 'console')
    const stop = new AbortController()
    const reading = (async () => {
      for await (const frame of link.world(stop.signal)) {
        this.#world = applyFrames(this.#world, [frame])
        for (const waiting of this.#waiting) if (waiting.is(this.#world)) waiting.go()
      }
    })()
    cleanups.push(async () => {
      stop.abort()
      link.close()
      await reading.catch(() => undefined)
    })
  }

  async shows(is: (world: WorldHalf) => boolean): Promise<void> {
    if (is(this.#world)) return
    await new Promise<void>((go) => this.#waiting.push({ is, go }))
  }
}

import { ask, linesOf, post, Refusal } from './calls.ts'
import { BEAT_MS, type Nonce, type PageFrame, type PageReader } from '../page-wire.ts'
import { actText } from './digest.ts'
import { signWith, type PhoneKey } from './keys.ts'

/** Without a word of the deck for so long, the connection is lost. */
const SILENCE_MS = 2.5 * BEAT_MS

/** A session of this phone, proven by a signature of its key. */
export class Session {
  readonly #key: PhoneKey
  readonly #device: string
  #session = ''

  constructor(key: PhoneKey, device: string) {
    this.#key = key
    this.#device = device
  }

  async open(signal: AbortSignal): Promise<void> {
    const device = this.#device
    const { nonce, text } = await ask<{ nonce: string; text: string }>(
      '/v1/pair/challenge',
      { device },
      { signal },
    )
    // Nothing but a challenge of this kind is signed here, whatever the other side sends.
    if (!text.startsWith('clawdeck session\n')) throw new Error('this is no challenge of a deck')
    const signature = await signWith(this.#key, text)
    const opened = await ask<{ session: string }>(
      '/v1/pair/session',
      { device, nonce, signature },
      { signal },
    )
    this.#session = opened.session
  }

  /** What the deck tells, until it ends it. Rejects where the connection is lost. */
  async *frames(end: AbortSignal): AsyncGenerator<PageFrame> {
    const silence = new AbortController()
    const signal = AbortSignal.any([end, silence.signal])
    let timer: ReturnType<typeof setTimeout> | undefined
    const heard = () => {
      clearTimeout(timer)
      timer = setTimeout(() => silence.abort(new TypeError('the deck is silent')), SILENCE_MS)
    }
    heard()
    try {
      const response = await post('/v1/follow', {}, { session: this.#session, signal })
      for await (const frame of linesOf(response)) {
        heard()
        yield frame as PageFrame
      }
    } finally {
      clearTimeout(timer)
    }
  }

  /** Does an act, signed for this once. */
  async act(
    reader: PageReader,
    id: string,
    input: { confirm: { seen: string } },
  ): Promise<unknown> {
    const nonce = await this.#nonce()
    const text = await actText(reader, nonce, id, input)
    const body = { input, nonce: nonce.nonce, signature: await signWith(this.#key, text) }
    return ask(`/v1/do/${id}`, body, { session: this.#session })
  }

  async #nonce(): Promise<Nonce> {
    const get = () => ask<Nonce>('/v1/nonce', {}, { session: this.#session })
    try {
      return await get()
    } catch (thrown) {
      if (!(thrown instanceof Refusal) || thrown.code !== 'refused') throw thrown
      // A session ends some day, and what it follows goes on.
      await this.open(AbortSignal.timeout(10_000))
      return get()
    }
  }
}

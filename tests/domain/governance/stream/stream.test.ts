import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { nouns } from '../../../../src/commands/registry.ts'
import { ApiStream } from '../../../../src/domain/governance/stream/stream.ts'
import { ManualClock } from '../../../support/clock.ts'
import { realJournal, tempFolder } from '../../../support/journal.ts'

type RealJournal = Awaited<ReturnType<typeof realJournal>>

const cleanups: (() => unknown)[] = []
let clock: ManualClock
let record: RealJournal
let stream: ApiStream
beforeEach(async () => {
  clock = new ManualClock()
  const folder = tempFolder((act) => cleanups.push(act))
  record = await realJournal(folder, nouns)
  cleanups.push(() => record.close())
  stream = new ApiStream({ journal: record.journal, store: record.store, clock })
  cleanups.push(() => stream[Symbol.dispose]())
})
afterEach(async () => {
  for (const act of cleanups.splice(0).toReversed()) await act()
})

const KILOBYTE = 1024
const MEGABYTE = 1024 * KILOBYTE

/** A goal of an organisation, with a description of so many bytes. */
async function goal(key: string, { org = 'acme', bytes = 10 } = {}): Promise<void> {
  const data = { title: key, description: 'x'.repeat(bytes) }
  const body = { org, kind: 'goal', key, data }
  await record.journal.append(() => [
    { type: 'record.made', actor: 'key:k1/api', subject: '', body },
  ])
}

/** Who listens for `acme`, and reads when told to. */
class Reader {
  readonly #frames
  readonly #ended = new AbortController()

  constructor(after: string | null = null) {
    this.#frames = stream
      .open({ org: 'acme', key: 'k1', after, signal: this.#ended.signal })
      .getReader()
  }

  async next(): Promise<string | undefined> {
    const { value, done } = await this.#frames.read()
    return done ? undefined : new TextDecoder().decode(value)
  }

  /** Frames until this one, or the end. */
  async until(name: string): Promise<string[]> {
    const frames: string[] = []
    for (let next = await this.next(); next !== undefined; next = await this.next()) {
      frames.push(next)
      if (next.includes(`event: ${name}\n`)) break
    }
    return frames
  }

  leave(): void {
    this.#ended.abort()
  }
}

const idOf = (frame = '') => /^id: (.+)$/m.exec(frame)?.[1] ?? null
const keyOf = (frame: string) => /"title":"([^"]+)"/.exec(frame)?.[1]

describe('a client that reads more slowly than things happen', () => {
  test('is told so and cut off, and misses nothing when it comes again', async () => {
    const slow = new Reader()
    await slow.until('connected')
    const keys = Array.from({ length: 20 }, (_, i) => `g${i}`)
    for (const key of keys) await goal(key, { bytes: 300 * KILOBYTE })

    const first = await slow.until('never')
    expect(first.at(-1)).toMatch(/^event: disconnected\ndata: .*faster than they were read/)
    const had = first.slice(0, -1)
    expect(had.length).toBeLessThan(keys.length)
    expect(had.join('').length).toBeLessThan(2.5 * MEGABYTE)

    const again = new Reader(idOf(had.at(-1)))
    const missed = await again.until('connected')
    expect([...had, ...missed.slice(0, -1)].map(keyOf)).toEqual(keys)
  })

  test('slows nobody else down', async () => {
    const [slow, other] = [new Reader(), new Reader()]
    await Promise.all([slow, other].map((reader) => reader.until('connected')))
    for (let i = 0; i < 20; i++) {
      await goal(`g${i}`, { bytes: 300 * KILOBYTE })
      expect(keyOf((await other.next()) ?? '')).toBe(`g${i}`)
    }
  })

  test('is given of what it missed what it reads, and no more', async () => {
    const keys = Array.from({ length: 40 }, (_, i) => `g${i}`)
    for (const key of keys) await goal(key, { bytes: 300 * KILOBYTE })
    const before = process.memoryUsage().arrayBuffers
    const readers = Array.from({ length: 10 }, () => new Reader('j-0'))
    await Promise.all(readers.map((reader) => reader.next()))
    // All of it were ten times 12 MB.
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(40 * MEGABYTE)
    const rest = await Promise.all(readers.map((reader) => reader.until('connected')))
    for (const frames of rest) expect(frames.slice(0, -1).map(keyOf)).toEqual(keys.slice(1))
  })
})

describe('a client that comes again', () => {
  test('misses nothing although nothing had happened before it left', async () => {
    const first = new Reader()
    const [connected] = await first.until('connected')
    first.leave()
    await goal('g1')
    await goal('g2', { org: 'other' })
    const again = new Reader(idOf(connected))
    expect((await again.until('connected')).map(keyOf)).toEqual(['g1', undefined])
  })

  test('with a cursor of another journal is told that nothing is known of it', async () => {
    const [connected] = await new Reader('j-999').until('connected')
    expect(connected).toMatch(/"replayed":0.*"replayError":"the cursor is not of this journal"/)
  })

  test('after half an hour is disconnected, whatever the wall clock shows', async () => {
    const reader = new Reader()
    await reader.until('connected')
    clock.jump(24 * 60 * 60_000)
    await goal('g1')
    expect(keyOf((await reader.next()) ?? '')).toBe('g1')
    clock.advance(30 * 60_000)
    expect((await reader.until('never')).join('')).not.toContain('event:')
    expect(await reader.next()).toBeUndefined()
  })
})

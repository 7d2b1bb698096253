import { describe, expect, it } from 'vitest'
import { logLineReader } from '../../../src/adapters/podman/log-lines.ts'

const AT = '2026-11-21T08:30:51.957649013+00:00'

describe('log lines of the engine', () => {
  it('have time, stream and text', () => {
    expect(logLineReader()(`${AT} stderr F a  b`)).toEqual({
      at: Date.parse('2026-11-21T08:30:51.957Z'),
      stream: 'stderr',
      text: 'a  b',
    })
    expect(logLineReader()(`${AT} stdout F `)?.text).toBe('')
  })

  it('are joined from their parts, per stream', () => {
    const next = logLineReader()
    expect(next(`${AT} stdout P one `)).toBeUndefined()
    expect(next(`${AT} stderr F other`)?.text).toBe('other')
    expect(next(`${AT} stdout F two`)?.text).toBe('one two')
    expect(next(`${AT} stdout F three`)?.text).toBe('three')
  })

  it('are bounded and contain no control sequences', () => {
    const next = logLineReader()
    const parts = Array.from({ length: 40 }, () => next(`${AT} stdout P ${'x'.repeat(1000)}`))
    expect(parts.filter((line) => line !== undefined).map(({ text }) => text)).toEqual([
      `${'x'.repeat(16 * 1024)}…`,
    ])
    expect(next(`${AT} stdout F end`)).toBeUndefined()
    expect(next(`${AT} stdout F \u001b[2Jgone\r`)?.text).toBe('␛[2Jgone')
  })

  it('are ignored when they do not have the format', () => {
    for (const line of ['', 'hello', `${AT} stdin F x`, `${AT} stdout X x`])
      expect(logLineReader()(line)).toBeUndefined()
  })
})

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LeaveKey } from '../../../../src/doors/console/terminal/leave-key.ts'

const scan = (key: LeaveKey, text: string) => {
  const { before, after } = key.scan(Buffer.from(text))
  return [before.toString(), after?.toString() ?? null]
}

describe('the key that leaves', () => {
  it('is found between other keys', () =>
    expect(scan(new LeaveKey(), 'ls\r\x1dj')).toEqual(['ls\r', 'j']))
  it('lets everything else through', () =>
    expect(scan(new LeaveKey(), 'a\x1b[A\x03')).toEqual(['a\x1b[A\x03', null]))
  it('is text within a paste, and a key again after it', () => {
    expect(scan(new LeaveKey(), '\x1b[200~x\x1dy\x1b[201~z\x1dq')).toEqual([
      '\x1b[200~x\x1dy\x1b[201~z',
      'q',
    ])
  })
  it('leaves even so when it comes alone', () => {
    const key = new LeaveKey()
    expect(scan(key, '\x1b[200~never ended')).toEqual(['\x1b[200~never ended', null])
    expect(scan(key, '\x1d')).toEqual(['', ''])
  })
  it('knows a paste however it is cut', () => {
    const typed = Buffer.from('a\x1b[200~b\x1d\x1dc\x1b[201~d')
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 2, max: 9 }), { minLength: 1 }), (steps) => {
        const key = new LeaveKey()
        for (let at = 0, i = 0; at < typed.length; at += steps[i++ % steps.length] as number) {
          const part = typed.subarray(at, at + (steps[i % steps.length] as number))
          if (part.length > 1) expect(key.scan(part).after).toBe(null)
          else key.scan(part)
        }
      }),
    )
  })
})

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { EgressIndex } from '../../../src/domain/egress/matching/rule-index.ts'
import { readNetTarget } from '../../../src/domain/egress/matching/target.ts'
import type { EgressMatch, NetTarget } from '../../../src/domain/egress/matching/types.ts'

function found(match: EgressMatch, text: string, allows = false): string {
  const index = new EgressIndex<string>()
  index.add('rule', match, allows)
  return index.find(readNetTarget(text) as NetTarget)[0]?.likelihood ?? 'none'
}

describe('a rule', () => {
  it.each<[EgressMatch, string, string]>([
    [{ host: 'a.test' }, 'CONNECT a.test:22', 'certain'],
    [{ host: 'a.test' }, 'CONNECT b.a.test:22', 'none'],
    [{ host: 'a.test' }, 'CONNECT xa.test:22', 'none'],
    [{ host: '*.a.test' }, 'CONNECT b.a.test:22', 'certain'],
    [{ host: '*.a.test' }, 'CONNECT c.b.a.test:22', 'certain'],
    [{ host: '*.a.test' }, 'CONNECT a.test:22', 'none'],
    [{ host: '*.a.test' }, 'CONNECT ba.test:22', 'none'],
    [{ host: '*.a.test' }, 'CONNECT a.test.evil.test:22', 'none'],
    [{ host: '*' }, 'CONNECT any.test:22', 'certain'],
    [{ host: '*' }, 'CONNECT 1.2.3.4:22', 'certain'],
    [{ host: '1.2.3.0/24' }, 'CONNECT 1.2.3.200:22', 'certain'],
    [{ host: '1.2.3.0/24' }, 'CONNECT 1.2.4.1:22', 'none'],
    [{ host: '1.2.3.4' }, 'CONNECT [::ffff:1.2.3.4]:22', 'certain'],
    [{ host: '2001:db8::/33' }, 'CONNECT [2001:db8:7fff::1]:22', 'certain'],
    [{ host: '2001:db8::/33' }, 'CONNECT [2001:db8:8000::1]:22', 'none'],
    [{ host: 'a.test', port: [443] }, 'CONNECT a.test:443', 'certain'],
    [{ host: 'a.test', port: [443] }, 'CONNECT a.test:444', 'none'],
    [{ host: 'a.test', port: [443] }, 'a.test/x', 'possible'],
    [{ host: 'a.test', method: ['GET'] }, 'GET http://a.test/', 'certain'],
    [{ host: 'a.test', method: ['GET'] }, 'POST http://a.test/', 'none'],
    [{ host: 'a.test', method: ['GET'] }, 'CONNECT a.test:443', 'possible'],
    [{ host: 'a.test', path: '/v1/*' }, 'GET http://a.test/v1/x', 'certain'],
    [{ host: 'a.test', path: '/v1/*' }, 'GET http://a.test/v2/x', 'none'],
    [{ host: 'a.test', path: '/v1/*' }, 'GET http://a.test/v1/../v2', 'none'],
    [{ host: 'a.test', path: '/v1/*' }, 'GET http://a.test/v2?/v1/x', 'none'],
    [{ host: 'a.test', path: '/v1/*' }, 'CONNECT a.test:443', 'possible'],
  ])('%j and %s: %s', (match, text, likelihood) => {
    expect(found(match, text)).toBe(likelihood)
  })

  it('is about usual ports only where it allows and names none', () => {
    expect(found({ host: 'a.test' }, 'CONNECT a.test:443', true)).toBe('certain')
    expect(found({ host: 'a.test' }, 'CONNECT a.test:22', true)).toBe('none')
  })

  it('of a host never matches another, whatever is put before or after it', () => {
    fc.assert(
      fc.property(fc.domain(), fc.domain(), (one, other) => {
        const isBelow = other.endsWith(`.${one}`)
        expect(found({ host: one }, `CONNECT ${other}:443`)).toBe(
          one === other ? 'certain' : 'none',
        )
        expect(found({ host: `*.${one}` }, `CONNECT ${other}:443`)).toBe(
          isBelow ? 'certain' : 'none',
        )
        expect(found({ host: one }, `CONNECT ${one}.${other}:443`)).toBe('none')
      }),
    )
  })

  it('is found among ten thousand by looking at few', () => {
    const index = new EgressIndex<number>()
    for (let i = 0; i < 10_000; i++) index.add(i, ruleNumber(i), i % 2 === 0)
    const targets = Array.from({ length: 100 }, (_, i) => readNetTarget(targetNumber(i * 7)))
    const run = () => {
      for (const target of targets) index.find(target as NetTarget)
    }
    for (let i = 0; i < 50; i++) run()
    const times = Array.from({ length: 200 }, () => {
      const began = performance.now()
      run()
      return performance.now() - began
    })
    // Microseconds of the best run, so that other programs of the machine do not count.
    expect((Math.min(...times) / targets.length) * 1000).toBeLessThan(20)
    expect(index.find(readNetTarget('CONNECT h40.d40.test:443') as NetTarget)).toHaveLength(2)
  })
})

function ruleNumber(i: number): EgressMatch {
  if (i % 5 === 1) return { host: `*.d${i - 1}.test`, port: [443] }
  if (i % 5 === 2) return { host: `10.${i % 200}.${i % 250}.0/${16 + (i % 12)}` }
  if (i % 5 === 3) return { host: `h${i}.d${i}.test`, method: ['GET'], path: `/p${i}/*` }
  return { host: `h${i}.d${i}.test`, port: [443, 8443] }
}

function targetNumber(i: number): string {
  return i % 4 === 0 ? `CONNECT 10.${i % 200}.7.9:443` : `CONNECT h${i * 5}.d${i * 5}.test:443`
}

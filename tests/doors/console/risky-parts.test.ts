import { expect, test } from 'vitest'
import { riskyParts } from '../../../src/doors/console/risky-parts.ts'
import { breakLines, litParts } from '../../../src/doors/console/text/break-lines.ts'
import { width } from '../../../src/doors/console/text/width.ts'
import { anAction, anApproval } from '../../support/fake-rows.ts'
import fc from 'fast-check'

const lit = (target: string, type = 'exec'): string[] =>
  riskyParts(anApproval('apr_1', { action: anAction({ target, type }) })).map(({ from, to }) =>
    target.slice(from, to),
  )

test('the commands that made the risk are lit, and the harmless ones are not', () => {
  expect(lit('cd /x && echo hi; git push --force origin main | tee out')).toEqual([
    'git push --force origin main',
  ])
  expect(lit('bash -c "rm -rf /data"')).toEqual(['rm -rf /data'])
  expect(lit('git status')).toEqual([])
})

test('paths that hold credentials are lit, whatever reads them', () => {
  expect(lit('cat /home/me/.ssh/id_ed25519 && ls')).toEqual(['/.ssh/id_ed25519'])
  expect(lit('read /workspace/.env', 'file')).toEqual(['/.env'])
})

test('lines keep every character, and none is wider than its room', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', ' ', '漢', '🙂', 'é', '␣', '�') })
  fc.assert(
    fc.property(text, fc.integer({ min: 2, max: 12 }), (line, cells) => {
      const parts = breakLines(line, cells).map(({ from, to }) => line.slice(from, to))
      expect(parts.join('')).toBe(line)
      for (const part of parts) expect(width(part)).toBeLessThanOrEqual(cells)
    }),
  )
})

test('lit ranges are cut where lines break', () => {
  const range = { from: 4, to: 12 }
  expect(litParts({ from: 0, to: 8 }, [range])).toEqual([
    { from: 0, to: 4, lit: false },
    { from: 4, to: 8, lit: true },
  ])
  expect(litParts({ from: 8, to: 16 }, [range])).toEqual([
    { from: 8, to: 12, lit: true },
    { from: 12, to: 16, lit: false },
  ])
})

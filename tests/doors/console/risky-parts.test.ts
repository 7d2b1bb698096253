import { expect, test } from 'vitest'
import { riskyParts } from '../../../src/doors/console/risky-parts.ts'
import { breakLines, litParts } from '../../../src/doors/console/text/break-lines.ts'
import { runLineCount, runLines } from '../../../src/doors/console/views/run-lines.ts'
import { runText } from '../../../src/doors/text/run-text.ts'
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

const LONG = `${"echo 'a b' && true\n".repeat(6000)}rm -rf /data\n${'ls -l; '.repeat(3000)}cat /home/me/.ssh/id_rsa`

test('what made the risk is lit where it is shown, however long the text is', () => {
  expect(LONG.length).toBeGreaterThan(100_000)
  const a = anApproval('apr_1', { action: anAction({ target: LONG, type: 'exec' }) })
  const text = runText(a)
  const cells = 100
  const total = runLineCount(a, cells)
  const litIn = (from: number, to: number) =>
    runLines(a, { from, to, cells, riskyParts })
      .flat()
      .flatMap(([style, part]) => (style === 'risk-high' ? [part] : []))
  expect(litIn(0, 20)).toEqual([])
  expect(litIn(total - 10, total)).toEqual(['/.ssh/id_rsa'])
  const at = text.indexOf('rm -rf')
  const line = breakLines(text, cells).findIndex(({ from, to }) => from <= at && at < to)
  expect(litIn(line - 5, line + 5).join('')).toBe('rm -rf /data')
})

test('pieces of a long text are the text, wherever it is cut', () => {
  const char = fc.constantFrom('a', ' ', ';', '\n', '漢', '🙂', '\u0007', '\u200b', "'")
  fc.assert(
    fc.property(fc.array(char, { minLength: 1, maxLength: 40 }), (chars) => {
      const target = `${chars.join('').repeat(400)} .env`
      const a = anApproval('apr_1', { action: anAction({ target, type: 'file' }) })
      const text = runText(a)
      const found = riskyParts(a).map(({ from, to }) => text.slice(from, to))
      expect(found.at(-1)).toBe(' .env')
    }),
    { numRuns: 50 },
  )
})

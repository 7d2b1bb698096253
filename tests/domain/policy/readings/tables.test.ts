import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { isExpected, verdictOf, type Expected } from './cases.ts'

/**
 * Lines that share policies and an answer, under `## answer: policy, policy`; `⏎` stands for the end
 * of a line.
 */
function groupsIn(file: string): [answer: Expected, policies: string[], lines: string[]][] {
  return readFileSync(new URL(file, import.meta.url), 'utf8')
    .split(/^## /m)
    .slice(1)
    .map((group) => {
      const [head = '', ...lines] = group.split('\n').filter((line) => line !== '')
      const [answer = '', policies = ''] = head.split(': ')
      return [
        answer as Expected,
        policies.split(', '),
        lines.map((line) => line.replaceAll('⏎', '\n')),
      ]
    })
}

describe.each([
  ['what goes further than what is allowed', 'asked.txt', 1000],
  ['what is blocked, wherever in a line it stands and however it is written', 'refused.txt', 250],
])('%s', (_, file, most) => {
  const groups = groupsIn(file)
  it('is of many kinds', () =>
    expect(groups.flatMap(([, , lines]) => lines).length).toBeGreaterThan(most))
  it.each(groups)('%s: %s', (is, policies, lines) => {
    const wrong = lines.flatMap((line) =>
      isExpected({ line, policies, is })
        ? []
        : [`${verdictOf({ line, policies, is }).decision}: ${line}`],
    )
    expect(wrong).toEqual([])
  })
})

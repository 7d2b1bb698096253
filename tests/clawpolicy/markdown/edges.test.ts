import { describe, expect, it } from 'vitest'
import { CORRECTED, ORIGINAL, type Corrections } from '../../../src/clawpolicy/corrections.ts'
import { newRule } from '../../../src/clawpolicy/files/records.ts'
import type { MarkdownTexts } from '../../../src/clawpolicy/markdown/import.ts'
import { exportMarkdown, importMarkdown } from '../parts.ts'

const imported = (texts: MarkdownTexts, corrections: Corrections) =>
  importMarkdown(texts, { rules: new Map(), playbooks: new Map() }, { now: 0, corrections })

describe('a rule whose strategy is empty', () => {
  const rules = new Map([
    ['r', newRule({ id: 'r', summary: 'Basic information', strategy: ' \n ' })],
  ])

  it('original: is exported with a blank body', () => {
    const text = exportMarkdown(rules, { corrections: ORIGINAL })['USER.md']
    expect(text).toMatch(/^# USER\n\n## Basic Information\n\n\n\n## Working Preferences\n\n- /)
  })

  it('corrected: leaves the placeholder', () => {
    const text = exportMarkdown(rules, { corrections: CORRECTED })['USER.md']
    expect(text).toContain('## Basic Information\n\n- Name:')
  })
})

describe('line ends other than LF and CRLF', () => {
  const soul = (end: string) => ({ 'SOUL.md': `## Core Principles\n\n- one${end}two\n` })
  const summary = (end: string, corrections: Corrections) =>
    [...imported(soul(end), corrections).playbooks.values()].map((playbook) => playbook.summary)

  it.each(['\r', '\v', '\f', '\x1c', '\x1d', '\x1e', '\x85', '\u2028', '\u2029'])(
    '%j ends the first line of a soul for the original only',
    (end) => {
      expect(summary(end, ORIGINAL)).toEqual(['Core: one'])
      expect(summary(end, CORRECTED)).toEqual(['Core: one two'])
    },
  )

  it('a lone CR is a line end anywhere in a file for the original only', () => {
    const notes = (corrections: Corrections) =>
      [...imported({ 'USER.md': '## Notes\r\ra\rb\r' }, corrections).rules.values()].map(
        ({ strategy }) => strategy,
      )
    expect([notes(ORIGINAL), notes(CORRECTED)]).toEqual([['a\nb'], []])
  })
})

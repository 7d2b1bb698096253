import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { CORRECTED, ORIGINAL } from '../../../src/clawpolicy/corrections.ts'
import type { MarkdownTexts } from '../../../src/clawpolicy/markdown/import.ts'
import { looseSection, sectionsOf } from '../../../src/clawpolicy/markdown/scan.ts'
import type { Corrections } from '../../../src/clawpolicy/corrections.ts'
import { importMarkdown, type PolicyAssets } from '../parts.ts'

const NOW = 1_772_884_800_123_456
const EMPTY: PolicyAssets = { rules: new Map(), playbooks: new Map() }
const imported = (
  texts: MarkdownTexts,
  corrections: Corrections,
  assets: PolicyAssets = EMPTY,
  now = NOW,
) => importMarkdown(texts, assets, { now, corrections })

describe('finding sections as the original does', () => {
  const cases: [string, string, string, string | undefined][] = [
    ['a section up to the next', '## Notes\n\na\nb\n\n## Other\nc', 'Notes', 'a\nb'],
    ['up to the end', 'x\n## Notes\na', 'Notes', 'a'],
    ['the third level opens it', '### Notes\na\n### More\nb', 'Notes', 'a\n### More\nb'],
    ['in the middle of a line', 'see ## Notes\na', 'Notes', 'a'],
    [
      'an empty one takes in the next',
      '## Notes\n\n## Other\nb\n## Third\nc',
      'Notes',
      '## Other\nb',
    ],
    ['an empty one at the end', '## Notes\n', 'Notes', ''],
    ['no line feed below', '## Notes', 'Notes', undefined],
    ['another case', '## notes\na', 'Notes', undefined],
    ['a longer name, then the name itself', '## Notes on it\nx\n## Notes\na', 'Notes', 'a'],
    ['white space around the name, line feeds too', '##\n \tNotes \u00a0\n \n  a  ', 'Notes', 'a'],
    ['no space after the marks', '##Notes\na', 'Notes', undefined],
    ['##x is no heading', '## Notes\na\n##x\nb', 'Notes', 'a\n##x\nb'],
    ["the original's white space", '##\u001cNotes\u0085\na', 'Notes', 'a'],
    ['a byte order mark is none', '##\ufeffNotes\na', 'Notes', undefined],
  ]
  test.each(cases)('%s', (_, text, name, body) => expect(looseSection(text, name)?.text).toBe(body))

  test('agrees with the pattern it stands for', () => {
    const piece = fc.constantFrom(
      '##',
      '#',
      ' ',
      '\n',
      '\n\n',
      'Notes',
      'a',
      '- b',
      '\t',
      '\n## ',
      '\n##',
    )
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 24 }).map((pieces) => pieces.join('')),
        (text) => {
          const found = /##\s+Notes\s*\n+([\s\S]*?)(?=\n##\s|$(?![\s\S]))/.exec(text)
          expect(looseSection(text, 'Notes')?.text).toBe(found?.[1]?.trim())
        },
      ),
    )
  })
})

describe('finding sections', () => {
  test('by their own headings, also when empty', () => {
    const text = '## A\n## B\nb\n### C\nc\n ## D\n##\nrest\n## E'
    expect(sectionsOf(text).map(({ heading, at, end }) => [heading, text.slice(at, end)])).toEqual([
      ['A', ''],
      ['B', 'b\n### C\nc\n ## D\n'],
      ['', 'rest\n'],
      ['E', ''],
    ])
  })

  test('sections together are the whole text below the first heading', () => {
    const piece = fc.constantFrom('## ', '##', '#', '\n', 'a', ' ', '\\')
    fc.assert(
      fc.property(
        fc.array(piece).map((pieces) => pieces.join('')),
        (text) => {
          const sections = sectionsOf(text)
          expect(sections.map(({ top, end }) => text.slice(top, end)).join('')).toBe(
            text.slice(sections[0]?.top ?? text.length),
          )
        },
      ),
    )
  })
})

describe('bounds', () => {
  const TEN = 10 * 1024 * 1024
  const hostile: [string, string][] = [
    ['marks', '#'.repeat(TEN)],
    ['marks and spaces', '## '.repeat(TEN / 3)],
    ['line feeds after a name', `## Notes${'\n'.repeat(TEN)}`],
    ['spaces after a name', `## Notes${' '.repeat(TEN)}`],
    ['a name over and over', '## Notes '.repeat(TEN / 9)],
    ['headings without names', '\n##'.repeat(TEN / 3)],
    ['many sections', '## Notes\n'.repeat(TEN / 9)],
    ['marks far from names', `##${' '.repeat(TEN)}`],
  ]
  test.each(hostile)('ten megabytes of %s are read in linear time', (_, text) => {
    for (const corrections of [ORIGINAL, CORRECTED]) {
      const started = performance.now()
      try {
        imported({ 'USER.md': text }, corrections)
      } catch (thrown) {
        expect(thrown).toMatchObject({ code: 'input.invalid' })
      }
      expect(performance.now() - started).toBeLessThan(60_000)
    }
  })

  test('a section that is too long is refused with its place, and nothing is changed', () => {
    const text = `# USER\n\n## Notes\n${'a'.repeat(5)} ${' '.repeat(TEN)} b\n`
    expect(() => imported({ 'USER.md': text }, CORRECTED)).toThrow(
      /USER\.md line 4: section "Notes" has 1048\d+ characters; at most 65536 are read/,
    )
    expect(EMPTY.rules.size).toBe(0)
  })

  test('a file that is too long is refused by name', () => {
    expect(() => imported({ 'SOUL.md': 'a'.repeat(17 * 1024 * 1024) }, CORRECTED)).toThrow(
      /SOUL\.md has 17825792 characters/,
    )
  })

  test('unknown sections are noted, up to a limit', () => {
    const { notes } = imported({ 'USER.md': '## Own\nx\n'.repeat(30) }, CORRECTED)
    expect(notes[1]).toBe('USER.md line 3: the section "Own" makes no rule')
    expect([notes.length, notes.at(-1)]).toEqual([21, 'USER.md: 10 more sections make no rules'])
  })
})

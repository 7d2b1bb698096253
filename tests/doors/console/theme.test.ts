import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { width } from '../../../src/doors/console/text/width.ts'
import { describe, expect, test } from 'vitest'
import { loadTheme, themeNames } from '../../../src/doors/console/theme/load.ts'
import { THEME_ROLES, colourDepth, makePainter } from '../../../src/doors/console/theme/theme.ts'

describe('themes', () => {
  test.each(['dark', 'light', 'contrast', 'colour-blind'])('%s styles every role', (name) => {
    expect(Object.keys(loadTheme(name, '').roles).sort()).toEqual([...THEME_ROLES].sort())
  })
  test("the operator's own theme wins, and an error names file and key", () => {
    const own = mkdtempSync(join(tmpdir(), 'themes-'))
    writeFileSync(join(own, 'dark.yaml'), 'name: dark\nroles:\n  text: { fg: red }\n')
    expect(() => loadTheme('dark', own)).toThrow(/dark\.yaml: roles\.text\.fg: a colour is #rrggbb/)
    writeFileSync(join(own, 'mine.yaml'), "name: mine\nroles: { text: { fg: '#010203' } }\n")
    expect(themeNames(own)).toEqual(['dark', 'light', 'contrast', 'colour-blind', 'mine'])
    expect(makePainter(loadTheme('mine', own), 'rgb').paint('text', 'x')).toBe(
      '\u001b[38;2;1;2;3mx\u001b[39m',
    )
  })
  test('a name cannot leave the folder', () => {
    expect(() => loadTheme('../x', '')).toThrow(/is not a theme name/)
  })
  test('the environment says how many colours there are', () => {
    expect(colourDepth({ NO_COLOR: '1', COLORTERM: 'truecolor' })).toBe('none')
    expect(colourDepth({ COLORTERM: 'truecolor' })).toBe('rgb')
    expect(colourDepth({ TERM: 'xterm-256color' })).toBe('256')
    expect(colourDepth({ TERM: 'linux' })).toBe('16')
  })
  test('without colour nothing but bold, underline and inverse is written', () => {
    const painter = makePainter(loadTheme('dark', ''), 'none')
    for (const role of THEME_ROLES)
      expect(painter.paint(role, 'x').replace(/\u001b\[(1|2|3|4|7|22|23|24|27)m/g, '')).toBe('x')
  })
  test('a row has exactly its cells, whatever its text', () => {
    const painter = makePainter(loadTheme('dark', ''), '256')
    for (const text of ['', 'plain', '漢字漢字漢字', 'e\u0301'.repeat(20), '👩‍👩‍👧 family and more'])
      for (const cells of [1, 2, 7, 20])
        expect(
          width(
            painter
              .row(
                cells,
                [
                  ['text', text],
                  ['bad', 'tail'],
                ],
                'cursor',
              )
              .replace(/\u001b\[[\d;]*m/g, ''),
          ),
        ).toBe(cells)
  })
})

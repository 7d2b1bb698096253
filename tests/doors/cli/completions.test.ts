import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { expect, test } from 'vitest'
import { completions } from '../../../src/doors/cli/completions.ts'

const there = (program: string): boolean =>
  (process.env['PATH'] ?? '').split(delimiter).some((folder) => existsSync(join(folder, program)))
const folder = mkdtempSync(join(tmpdir(), 'deck-completions-'))
mkdirSync(join(folder, 'agents', 'scout'), { recursive: true })
mkdirSync(join(folder, 'templates'))
writeFileSync(join(folder, 'templates', 'mine.yaml'), '')
const script = join(folder, 'completions')

/** What bash offers after these words. */
function offered(...words: string[]): string[] {
  writeFileSync(script, completions('bash'))
  const say =
    'source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($#-1)); COMPREPLY=(); _clawdeck; printf "%s\\n" "${COMPREPLY[@]}"'
  return execFileSync('bash', ['-c', say, 'bash', script, 'clawdeck', ...words], {
    encoding: 'utf8',
    env: { ...process.env, CLAWDECK_HOME: folder },
  })
    .trim()
    .split('\n')
    .filter((word) => word !== '')
}

test.each([
  [['poli'], ['policy']],
  [['policy', 'va'], ['validate']],
  [['start', ''], ['scout']],
  [['--json', 'start', ''], ['scout']],
  [
    ['create', ''],
    ['coder', 'devops', 'mine', 'reviewer', 'security'],
  ],
  [['create', 'coder', '--b'], ['--backend']],
  [
    ['completions', ''],
    ['bash', 'fish', 'zsh'],
  ],
  [
    ['policy', 'add', ''],
    ['allow', 'ask', 'block', 'warn'],
  ],
  [['logs', 'scout', '--f'], ['--follow']],
  [['exec', 'scout', '--', ''], []],
])('bash after %j offers %j', (words, expected) => {
  expect(offered(...words).toSorted()).toEqual(expected)
})

test.skipIf(!there('zsh'))('zsh reads its script (skipped where there is no zsh)', () => {
  writeFileSync(script, completions('zsh'))
  expect(execFileSync('zsh', ['-n', script], { encoding: 'utf8' })).toBe('')
})

test.skipIf(!there('fish'))('fish reads its script (skipped where there is no fish)', () => {
  writeFileSync(script, completions('fish'))
  expect(execFileSync('fish', ['--no-execute', script], { encoding: 'utf8' })).toBe('')
})

test('each script knows every command', () => {
  for (const shell of ['bash', 'zsh', 'fish'] as const)
    expect(completions(shell)).toMatch(/create list status[\s\S]*supervisor/)
})

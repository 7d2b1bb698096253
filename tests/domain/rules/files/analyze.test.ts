import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { tempFolder } from '../../../support/journal.ts'
import { OPERATOR, put, smallDeck } from './deck.ts'

const cleanups: (() => void)[] = []
const onEnd = (act: () => void) => {
  cleanups.push(act)
}
afterEach(() => {
  for (const act of cleanups.splice(0).toReversed()) act()
})

const git = (folder: string, ...args: string[]) =>
  execFileSync(
    'git',
    [
      '-c',
      'user.name=A',
      '-c',
      'user.email=a@example.org',
      '-c',
      'commit.gpgSign=false',
      '-C',
      folder,
      ...args,
    ],
    {
      env: { PATH: process.env['PATH'], GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null' },
    },
  )

function repository(files: Record<string, string>): string {
  const folder = put(tempFolder(onEnd), files)
  git(folder, 'init', '-q')
  git(folder, 'add', '.')
  git(folder, 'commit', '-q', '-m', 'First | words')
  return folder
}

describe('the history of a repository', () => {
  it('gives one weak hint, which a second analysis renews', async () => {
    const deck = await smallDeck(onEnd)
    const folder = repository({ 'src/a.ts': '', 'tests/a.test.ts': '', 'b.py': '' })
    const report = await deck.files.analyze({ path: folder, commits: 100 }, OPERATOR)
    expect(report).toMatchObject({
      source: folder,
      found: ['git history: 1 commit'],
      rules: { made: 1 },
      notes: [
        'primary technology: typescript, then python',
        'work with tests: 100 % of the commits',
        'automation preference: quality focused',
        'confidence: 30 %',
        expect.any(String),
      ],
    })
    expect(deck.rules()).toMatchObject([
      {
        rule: {
          status: 'hint',
          source_type: 'git_history',
          policy_decision: 'auto_execute',
          scope: 'project',
          scope_key: folder,
        },
        by: 'learner',
      },
    ])
    expect(deck.events()).toMatchObject([{ type: 'rule.imported', subject: '', actor: OPERATOR }])
    expect(await deck.files.analyze({ path: folder, commits: 100 }, OPERATOR)).toMatchObject({
      rules: { made: 0, same: 1 },
    })
    writeFileSync(join(folder, 'c.py'), '')
    for (let i = 0; i < 3; i++) git(folder, 'commit', '-q', '--allow-empty', '-m', `${i}`)
    expect(await deck.files.analyze({ path: folder, commits: 100 }, OPERATOR)).toMatchObject({
      rules: { changed: 1 },
    })
    expect(deck.rules()).toMatchObject([{ rule: { policy_decision: '' } }])
  })

  it('runs no program that the repository configures', async () => {
    const folder = repository({ 'a.ts': 'x\n' })
    const trap = join(folder, 'trap')
    writeFileSync(trap, `#!/bin/sh\n: > '${folder}/sprung'\n`)
    chmodSync(trap, 0o755)
    const settings = {
      'core.fsmonitor': trap,
      'core.pager': trap,
      'pager.log': trap,
      'log.showSignature': 'true',
      'gpg.program': trap,
      'diff.external': trap,
      'core.sshCommand': trap,
      'core.hooksPath': folder,
    }
    for (const [key, value] of Object.entries(settings)) git(folder, 'config', key, value)
    await (await smallDeck(onEnd)).files.analyze({ path: folder, commits: 5 }, OPERATOR)
    expect(existsSync(join(folder, 'sprung'))).toBe(false)
  })

  it('is not found outside of a repository', async () => {
    const deck = await smallDeck(onEnd)
    const folder = tempFolder(onEnd)
    await expect(deck.files.analyze({ path: folder, commits: 5 }, OPERATOR)).rejects.toMatchObject({
      code: 'not.found',
      message: expect.stringContaining('not a git repository') as string,
    })
    await expect(
      deck.files.analyze({ path: join(folder, 'none'), commits: 5 }, OPERATOR),
    ).rejects.toMatchObject({ code: 'not.found' })
    git(folder, 'init', '-q')
    await expect(deck.files.analyze({ path: folder, commits: 5 }, OPERATOR)).rejects.toMatchObject({
      code: 'not.possible',
      message: `${folder} has no commits yet`,
    })
    expect(deck.events()).toEqual([])
  })
})

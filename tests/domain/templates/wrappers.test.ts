import { execFile } from 'node:child_process'
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { readInvocation } from '../../../src/command-analysis/read-invocation.ts'
import { otherNames } from '../../../src/command-analysis/programs/verbs.ts'
import { constant } from '../../../src/command-analysis/word.ts'
import { programs } from '../../../src/config/programs.ts'
import { writeWrappers } from '../../../src/domain/templates/wrappers.ts'

const DENIED = 77
let folder: string

/**
 * The exit code of a command in a pod whose deck cannot be reached: what is gated is denied, all
 * else runs.
 */
function run(line: string): Promise<number> {
  const [program = '', ...args] = line.split(' ')
  return new Promise((resolve) => {
    execFile(
      join(folder, 'bin', program),
      args,
      {
        env: {
          PATH: `${join(folder, 'bin')}:${join(folder, 'tools')}:${process.env['PATH']}`,
          CLAWDECK_GUARD: 'http://127.0.0.1:1',
        },
      },
      (error) => resolve(error === null ? 0 : Number(error.code)),
    )
  })
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'deck-wrappers-'))
  await mkdir(join(folder, 'tools'))
  for (const name of ['git', 'npm', 'pnpm']) {
    await writeFile(join(folder, 'tools', name), '#!/bin/sh\n[ -z "$DECK_NAMES" ]\n')
    await chmod(join(folder, 'tools', name), 0o755)
  }
  await writeWrappers(join(folder, 'bin'), [
    'git push',
    'git lfs fetch',
    'npm install',
    'npm ci',
    'npm update',
    'npm exec',
    'npm publish',
    'pnpm install',
  ])
})
afterAll(() => rm(folder, { recursive: true, force: true }))

it.concurrent.each([
  'git push',
  'git send-pack --all x',
  'git http-push x',
  'git subtree push --prefix x origin main',
  'git subtree --prefix x push',
  'git svn dcommit',
  'git lfs push origin',
  'git lfs fetch',
  'npm install',
  'npm i x',
  'npm in x',
  'npm isntall x',
  'npm add x',
  'npm insta x',
  'npm --prefix d i x',
  'npm x y',
  'npm exe y',
  'npm up',
  'npm udpate',
  'npm upgrade',
  'npm clean-install',
  'npm cleanInstall',
  'npm ic',
  'npm pub',
  'npm publi x',
  'pnpm i',
])('%s asks first', async (line) => {
  expect(await run(line)).toBe(DENIED)
})
it.concurrent.each([
  'git status',
  'git subtree split x',
  'git stash push',
  'git log i',
  'npm test',
  'npm t',
  'npm run install',
  'npm run buildAll',
  'npm ls x',
  'npm view i',
  'npm ping',
  'pnpm test i',
])('%s does not', async (line) => {
  expect(await run(line)).toBe(0)
})
it("what a pod is told of a program's verbs is what the policy means by them", () => {
  for (const program of ['git', 'npm', 'pnpm', 'yarn', 'bun'])
    for (const [name, usual] of otherNames(program, programs()))
      expect(readInvocation([constant(program), constant(name)], programs()).verbs[0]?.name).toBe(
        usual,
      )
  expect(otherNames('npm', programs()).get('isntall')).toBe('install')
  expect(otherNames('npm', programs()).get('pub')).toBe('publish')
  expect(otherNames('unknown', programs()).size).toBe(0)
})

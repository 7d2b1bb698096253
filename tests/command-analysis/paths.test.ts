import { posix } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  globLeaves,
  isMachineFolder,
  leaves,
  readsElsewhere,
} from '../../src/command-analysis/paths.ts'
import { judge, policy } from '../domain/policy/judge.ts'

const SEGMENTS = [
  '',
  '.',
  '..',
  '...',
  'a',
  'tmp',
  'workspace',
  'state',
  'etc',
  'dev',
  '..a',
  'a..',
]
const paths = fc
  .tuple(fc.boolean(), fc.array(fc.constantFrom(...SEGMENTS), { minLength: 1, maxLength: 6 }))
  .map(([fromRoot, segments]) => `${fromRoot ? '/' : ''}${segments.join('/')}`)

describe('a path', () => {
  it('that leads out of the workspace is told, wherever in it that is said', () =>
    fc.assert(
      fc.property(paths, (path) => {
        const place = posix.resolve('/workspace/sub', path)
        const isOut = !/^\/(?:workspace|tmp|state)(?:\/|$)/.test(place)
        if (isOut) expect(leaves(path)).toBeGreaterThan(0)
      }),
      { numRuns: 2000 },
    ))

  it.each([
    ['/etc/passwd', 5],
    ['/', 1],
    ['~/x', 2],
    ['~evil', 5],
    ['file:/etc/x', 11],
    ['a/../b', 4],
    ['../a..b', 2],
    ['../../x..', 5],
    ['/workspace/../...', 13],
    ['a...', 0],
    ['main..HEAD', 0],
    ['/workspace/x', 0],
    ['/tmp', 0],
    ['a/b..c', 0],
    ['/dev/stdin', 0],
    ['/dev/urandom', 0],
    ['/dev/sda', 5],
    ['/dev/tcp/evil/80', 5],
    ['/dev/stdin/../sda', 13],
  ])('%s says so in %d characters', (path, literal) => expect(readsElsewhere(path)).toBe(literal))

  it.each([
    ['.*', true],
    ['.*/x', true],
    ['a/.*', true],
    ['..*', true],
    ['.*.', true],
    ['*/../x', true],
    ['/e*', true],
    ['*', false],
    ['.*x', false],
    ['.env*', false],
    ['src/*.ts', false],
    ['/tmp/*', false],
  ])('%s that a shell fills in may lead away: %s', (shape, away) =>
    expect(globLeaves(shape) > 0).toBe(away),
  )
})

describe('the folder of a question', () => {
  it.each([
    '/',
    '//',
    '/etc',
    '/./etc',
    '/workspace/../etc',
    '/etc/ssh',
    '/root',
    '/proc/1/cwd',
    '/var/log',
    '/home/a/.ssh',
  ])('%s is no workspace', (folder) => {
    expect(isMachineFolder(folder)).toBe(true)
    const policies = [policy('allow', { target: 'cat *' })]
    expect(judge({ target: 'cat x', cwd: folder }, { policies }).decision).toBe('require_approval')
  })
  it.each(['', '/workspace', '/workspace/etc', '/tmp/x', '/home/a/decks/scout', '/var/tmp/x'])(
    '%j may be one',
    (folder) => {
      const policies = [policy('allow', { target: 'cat *' })]
      expect(judge({ target: 'cat x', cwd: folder }, { policies }).decision).toBe('allow')
    },
  )
})

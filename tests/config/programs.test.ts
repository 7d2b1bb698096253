import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it, onTestFinished } from 'vitest'
import { isCovered } from '../../src/command-analysis/programs/table-cases.ts'
import { programs, readPrograms, shippedEntries, usePrograms } from '../../src/config/programs.ts'
import { tempFolder } from '../support/journal.ts'

function folderWith(files: Record<string, string>): string {
  const folder = join(tempFolder(onTestFinished), 'programs')
  mkdirSync(folder)
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
  return folder
}

const DEPLOY = `programs:
  deploy:
    verbs:
      plan:
        options: { plain: '-v', writes: '--out=write' }
      ship:
        effect: reaches
    covers: ['deploy plan -v']
    asks: ['deploy plan --out /etc/x', 'deploy ship']
`

describe('entries of an operator', () => {
  it('are known beside the shipped ones', () => {
    const table = readPrograms(folderWith({ 'own.yaml': DEPLOY }))
    expect(isCovered('deploy', 'deploy plan -v', table)).toBe(true)
    expect(isCovered('deploy', 'deploy ship', table)).toBe(false)
    expect(isCovered('git', 'git status', table)).toBe(true)
  })
  it('need no folder', () => expect(readPrograms('/nowhere/at/all').find('git')?.name).toBe('git'))
  it('take the place of shipped ones, and their names', () => {
    const table = readPrograms(
      folderWith({
        'own.yaml':
          "programs:\n  podman: { options: { plain: '-x' } }\n  git: { options: { plain: '-x' } }\n",
      }),
    )
    expect(table.find('podman')?.name).toBe('podman')
    expect(table.find('docker')?.name).toBe('docker')
    expect(isCovered('git', 'git -x', table)).toBe(true)
    expect(isCovered('git', 'git --no-pager log', table)).toBe(false)
  })
  it('may be like a shipped one, or like one of another file', () => {
    const table = readPrograms(
      folderWith({
        'a.yaml': 'programs: { g: { like: git } }',
        'b.yaml': "programs: { h: { like: g } }\nvariables: 'MY_*'",
      }),
    )
    expect(isCovered('h', 'h status', table)).toBe(true)
    expect(isCovered('h', 'h push evil:x', table)).toBe(false)
    expect(table.variables).toContain('MY_*')
  })

  it.each<[string, string, RegExp]>([
    [
      'a key that there is not',
      'programs:\n  x: { verb: {} }\n',
      /own\.yaml:2:\d+.*programs\.x\.verb/s,
    ],
    [
      'an effect that there is not',
      "programs:\n  x: { options: { kills: '-9' } }\n",
      /own\.yaml:2.*programs\.x\.options\.kills/s,
    ],
    [
      'a kind that there is not',
      "programs:\n  x:\n    operands: 'fiel*'\n",
      /own\.yaml:3.*programs\.x\.operands.*fiel is no kind/s,
    ],
    [
      'no option',
      "programs:\n  x:\n    options: { plain: 'n' }\n",
      /own\.yaml:3.*programs\.x\.options\.plain.*n is no option/s,
    ],
    [
      'an option that is said twice',
      "programs:\n  x:\n    options: { plain: '-n', runs: '-n' }\n",
      /own\.yaml:3.*programs\.x\.options\.runs.*said twice/s,
    ],
    [
      'a program that it cannot be like',
      'programs:\n  x: { like: nobody }\n',
      /own\.yaml:2.*programs\.x\.like.*no program nobody/s,
    ],
    [
      'a circle',
      'programs:\n  x: { like: y }\n  y: { like: x }\n',
      /own\.yaml:\d.*programs\.[xy]\.like/s,
    ],
    [
      'a name twice',
      "programs:\n  x: { names: 'z' }\n  y: { names: 'z' }\n",
      /own\.yaml:3.*programs\.y\.names.*name of x already/s,
    ],
    [
      'a case that is not covered',
      "programs:\n  x:\n    options: { runs: '-e=line' }\n    covers: ['x a', 'x -e id']\n",
      /own\.yaml:4.*programs\.x\.covers\.1.*does not cover/s,
    ],
    [
      'a case that is covered',
      "programs:\n  x:\n    options: { plain: '-e=line' }\n    asks: ['x a']\n",
      /own\.yaml:4.*programs\.x\.asks\.0.*covers this line/s,
    ],
    ['no YAML', 'programs: [', /own\.yaml:\d/],
    ['a name with a blank', "programs:\n  'a b': {}\n", /own\.yaml:2/],
  ])('%s is a mistake with its place and key', (_, text, message) => {
    const folder = folderWith({ 'own.yaml': text })
    expect(() => readPrograms(folder)).toThrow(message)
    expect(() => readPrograms(folder)).toThrow(expect.objectContaining({ code: 'config.invalid' }))
  })

  it('are told apart: the mistake is one of the file that has it', () =>
    expect(() =>
      readPrograms(folderWith({ 'a.yaml': DEPLOY, 'b.yaml': 'programs: { x: { like: nobody } }' })),
    ).toThrow(/programs\/b\.yaml/))
  it('that cannot be read are a mistake', () => {
    const folder = join(tempFolder(onTestFinished), 'programs')
    writeFileSync(folder, '')
    expect(() => readPrograms(folder)).toThrow(expect.objectContaining({ code: 'config.invalid' }))
  })
})

describe('the shipped table', () => {
  afterEach(() => usePrograms(readPrograms('/nowhere')))
  it('is what the built file holds', () => {
    const built = readPrograms('/nowhere/at/all')
    expect([...built.names()].toSorted()).toEqual(Object.keys(shippedEntries().programs).toSorted())
  })
  it('is known until another is put in its place', () => {
    expect(programs().find('deploy')).toBeUndefined()
    usePrograms(readPrograms(folderWith({ 'own.yaml': DEPLOY })))
    expect(programs().find('deploy')?.name).toBe('deploy')
  })
})

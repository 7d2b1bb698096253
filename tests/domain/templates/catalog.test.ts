import { mkdir, mkdtemp, readFile, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import {
  listTemplates,
  readTemplate,
  type TemplateFolder,
} from '../../../src/domain/templates/catalog.ts'
import { BUILT_IN } from './sample.ts'

let mine: string
let folders: TemplateFolder[]
beforeEach(async () => {
  mine = await mkdtemp(join(tmpdir(), 'deck-templates-'))
  folders = [...BUILT_IN, { origin: 'yours', path: mine }]
})

describe('the catalogue', () => {
  it("lists the built-in templates when there is no folder of one's own", async () => {
    const list = await listTemplates([...BUILT_IN, { origin: 'yours', path: join(mine, 'none') }])
    expect(list.map(({ name, origin, problem }) => [name, origin, problem])).toEqual(
      ['coder', 'devops', 'reviewer', 'security'].map((name) => [name, 'built-in', undefined]),
    )
    expect(list.every(({ description }) => description.length > 10)).toBe(true)
  })

  it("lets one's own override and add", async () => {
    const coder = await readFile(join(BUILT_IN[0]!.path, 'coder.yaml'), 'utf8')
    await writeFile(
      join(mine, 'coder.yaml'),
      coder.replace(/^description: .*$/m, 'description: my own coder'),
    )
    await writeFile(join(mine, 'poet.yaml'), coder.replace('name: coder', 'name: poet'))
    await writeFile(join(mine, 'notes.txt'), 'no template')
    await writeFile(join(mine, '.hidden.yaml'), 'no template')
    const list = await listTemplates(folders)
    expect(list.map(({ name, origin }) => `${name} ${origin}`)).toEqual([
      'coder yours',
      'devops built-in',
      'poet yours',
      'reviewer built-in',
      'security built-in',
    ])
    expect((await readTemplate(folders, 'coder')).template.description).toBe('my own coder')
    expect((await readTemplate(folders, 'poet')).text).toContain('name: poet')
  })

  it('lists a broken template with its problem, also if it overrides another one', async () => {
    await writeFile(join(mine, 'coder.yaml'), 'name: coder\nprivileged: true\n')
    await writeFile(
      join(mine, 'other.yaml'),
      await readFile(join(BUILT_IN[0]!.path, 'coder.yaml'), 'utf8'),
    )
    await mkdir(join(mine, 'folder.yaml'))
    await symlink('nowhere', join(mine, 'lost.yaml'))
    const problems = Object.fromEntries(
      (await listTemplates(folders)).map(({ name, problem }) => [name, problem]),
    )
    expect(problems['coder']).toContain('coder.yaml:2:1: privileged: refused')
    expect(problems['other']).toContain("name is coder, but the file's")
    expect(problems['folder']).toContain('cannot be read')
    expect(problems['lost']).toContain('does not exist')
    await expect(readTemplate(folders, 'coder')).rejects.toMatchObject({ code: 'template.invalid' })
  })

  it('names the nearest template for an unknown one', async () => {
    await expect(readTemplate(folders, 'codr')).rejects.toMatchObject({
      code: 'template.unknown',
      hint: expect.stringContaining('Did you mean coder?'),
    })
    await expect(readTemplate(folders, '../../etc/passwd')).rejects.toMatchObject({
      code: 'template.unknown',
    })
  })
})

import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { asFault, errno, Fault } from '../../base/fault.ts'
import { plain } from '../../base/text.ts'
import { nearest } from '../../base/nearest.ts'
import { parseYaml, readYaml } from '../../config/yaml.ts'
import { TemplateSchema } from './schema.ts'
import type { Template, TemplateSummary } from './types.ts'

/** A folder of templates. Of templates with the same name, that of the later folder is used. */
export interface TemplateFolder {
  origin: TemplateSummary['origin']
  path: string
}

/** A template with the text it was read from. */
interface TemplateText {
  template: Template
  path: string
  text: string
}

const FILE = /^([a-z][a-z0-9-]{0,31})\.yaml$/
const MAX_TEMPLATES = 500

/**
 * All templates by name. One that cannot be read is listed with its problem, and still overrides
 * others.
 */
export async function listTemplates(
  folders: readonly TemplateFolder[],
): Promise<TemplateSummary[]> {
  const found = new Map<string, { origin: TemplateSummary['origin']; path: string }>()
  for (const { origin, path } of folders) {
    for (const name of await namesIn(path))
      found.set(name, { origin, path: join(path, `${name}.yaml`) })
  }
  const names = [...found.keys()].toSorted()
  return Promise.all(names.map((name) => summary(name, found.get(name) as TemplateFolder)))
}

/**
 * One template. Faults: `template.unknown`, and `template.invalid` with the position of the
 * mistake.
 */
export async function readTemplate(
  folders: readonly TemplateFolder[],
  name: string,
): Promise<TemplateText> {
  const known = new Map<string, string>()
  for (const { path } of folders)
    for (const each of await namesIn(path)) known.set(each, join(path, `${each}.yaml`))
  const path = known.get(name)
  if (path === undefined) {
    const near = nearest(name, [...known.keys()])
    const names = [...known.keys()].toSorted().join(', ') || 'none'
    throw new Fault('template.unknown', `There is no template ${plain(name, 64)}.`, {
      hint: `${near === undefined ? '' : `Did you mean ${near}? `}Known templates: ${names}.`,
    })
  }
  return load(name, path)
}

/**
 * Parses a template. `file` names the text in messages. Fault `template.invalid` with the mistake's
 * position.
 */
export function parseTemplate(text: string, file: string): Template {
  return parseYaml(text, TemplateSchema, { file, code: 'template.invalid' })
}

async function load(name: string, path: string): Promise<TemplateText> {
  const { value, text } = await readYaml(path, TemplateSchema, {
    file: path,
    code: 'template.invalid',
  })
  if (value.name === name) return { template: value, path, text }
  throw new Fault(
    'template.invalid',
    `${path}: the template's name is ${value.name}, but the file's name is ${name}.`,
    { hint: 'Make the two names the same.' },
  )
}

async function summary(name: string, { origin, path }: TemplateFolder): Promise<TemplateSummary> {
  try {
    const { template } = await load(name, path)
    return { name, description: template.description, origin, path }
  } catch (thrown) {
    return { name, description: '', origin, path, problem: asFault(thrown).message }
  }
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    const files = await readdir(folder)
    return files.flatMap((file) => FILE.exec(file)?.[1] ?? []).slice(0, MAX_TEMPLATES)
  } catch (cause) {
    if (errno(cause) === 'ENOENT') return []
    throw new Fault(
      'template.invalid',
      `The template folder ${folder} cannot be read (${errno(cause) ?? 'unknown reason'}).`,
      { hint: `Check its owner and mode: ls -ld ${folder}`, cause },
    )
  }
}

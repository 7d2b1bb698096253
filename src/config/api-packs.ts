import { readFile } from 'node:fs/promises'
import * as z from 'zod'
import { shipped } from './data.ts'
import { parseYaml } from './yaml.ts'

const Name = z.string().min(1).max(256)
const Case = z.strictObject({
  name: Name,
  input: z.strictObject({
    tool: Name,
    args: z.record(z.string(), z.unknown()).optional(),
    approval: z.boolean().optional(),
  }),
  expect: z.strictObject({ allowed: z.boolean() }),
})
const ByTools = z.strictObject({
  id: Name,
  description: Name.optional(),
  applies_to: z.strictObject({ tools: z.array(Name).min(1).max(100) }),
  rule: z.strictObject({
    block: z.boolean().optional(),
    require: z.literal('approval').optional(),
    allowlist: z.array(Name).max(100).optional(),
  }),
  tests: z.array(Case).max(100).optional(),
})
const Native = z.strictObject({
  id: Name.optional(),
  name: Name.optional(),
  description: Name.optional(),
  policy_type: z.string().max(64),
  rules: z.record(z.string(), z.unknown()),
})
const Import = z.strictObject({
  policies: z
    .array(z.union([ByTools, Native]))
    .min(1)
    .max(200),
})

/** A policy of an import: by tools, or in the API's own form. */
export type ImportedEntry = z.output<typeof Import>['policies'][number]

/** Packs that ship with the program. */
export const API_PACKS = ['enterprise-strict', 'smb-safe', 'startup-growth', 'development'] as const
export type ApiPackName = (typeof API_PACKS)[number]

/** The policies of an import. Fault `policies.invalid` with the place of a mistake. */
export function importedEntries(text: string, file = 'policies'): readonly ImportedEntry[] {
  return parseYaml(text, Import, { file, code: 'policies.invalid' }).policies
}

/** The policies of a pack that ships with the program. */
export async function apiPackEntries(name: ApiPackName): Promise<readonly ImportedEntry[]> {
  const path = shipped('templates', 'governance', 'packs', `${name}.yaml`)
  return importedEntries(await readFile(path, 'utf8'), `governance/packs/${name}.yaml`)
}

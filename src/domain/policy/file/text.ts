import { isScalar, isSeq, parseDocument, YAMLMap, YAMLSeq, type Document } from 'yaml'
import type { OperatorPolicy } from '../types.ts'

const HEADER = `# What agents may do, must ask for, or may not do: by type, target (a glob), agent, template and risk.
# The strictest match wins: block, ask, warn, allow. Changes take effect when the file is saved.
# A policy that asks may say who has to agree: \`people: 2\`, \`people: { of: [ada, maya, tom], atLeast: 2 }\`;
# \`notStarter: true\` if whoever started the agent does not count. All that match have to be met.
# Where requests may go is said in \`egress\`: by effect, host, port, method, path, agent and template.
`
const ORDER = [
  'id',
  'effect',
  'type',
  'target',
  'pattern',
  'options',
  'host',
  'port',
  'method',
  'path',
  'maxMiB',
  'perMinute',
  'agent',
  'template',
  'riskAtLeast',
  'riskAtMost',
  'people',
  'notStarter',
  'reason',
] as const

/** Adds a policy at the end. Everything else, comments too, is unchanged. */
export function withPolicy(text: string, policy: OperatorPolicy): string {
  const doc = parseDocument(text.trim() === '' ? `${HEADER}policies: []\n` : text)
  const row = new YAMLMap()
  for (const [key, value] of keysOf(policy)) row.set(key, doc.createNode(value, { flow: true }))
  const list = listOf(doc, policy.egress === undefined ? 'policies' : 'egress')
  if (list.items.length === 0) list.flow = false
  list.add(doc.createNode(row))
  return doc.toString({ lineWidth: 0 })
}

/** The keys of a policy as they are written. */
function keysOf({ egress, ...policy }: OperatorPolicy): [string, unknown][] {
  const { type: _type, target: _target, ...rest } = policy
  const written: Partial<Record<string, unknown>> =
    egress === undefined ? policy : { ...rest, ...egress }
  return ORDER.filter((key) => written[key] !== undefined).map((key) => [key, written[key]])
}

/** Adds a pack to `packs`. */
export function withPack(text: string, name: string): string {
  const doc = parseDocument(text.trim() === '' ? `${HEADER}policies: []\n` : text)
  const list = listOf(doc, 'packs')
  if (list.items.length === 0) list.flow = true
  list.add(doc.createNode(name))
  return doc.toString({ lineWidth: 0 })
}

/** Removes a pack from `packs`. */
export function withoutPack(text: string, name: string): string {
  const doc = parseDocument(text)
  const list = listOf(doc, 'packs')
  list.items = list.items.filter((item) => !isScalar(item) || item.value !== name)
  if (list.items.length === 0) list.flow = true
  return doc.toString({ lineWidth: 0 })
}

/** Removes the policy with the index `at`; those of `egress` are counted after all others. */
export function withoutPolicy(text: string, index: number): string {
  const doc = parseDocument(text)
  const before = listOf(doc).items.length
  const list = index < before ? listOf(doc) : listOf(doc, 'egress')
  const at = index < before ? index : index - before
  const comment = commentOf(list.items[at])
  list.delete(at)
  if (comment !== undefined && at === 0 && list.items.length === 0) list.commentBefore = comment
  if (list.items.length === 0) list.flow = true
  return doc.toString({ lineWidth: 0 })
}

function listOf(doc: Document, key: 'egress' | 'policies' | 'packs' = 'policies'): YAMLSeq {
  const found = doc.get(key)
  if (isSeq(found)) return found
  const list = new YAMLSeq()
  doc.set(key, list)
  return list
}

function commentOf(item: unknown): string | undefined {
  return typeof item === 'object' &&
    item !== null &&
    'commentBefore' in item &&
    typeof item.commentBefore === 'string'
    ? item.commentBefore
    : undefined
}

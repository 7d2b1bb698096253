import { isScalar, isSeq, parseDocument, YAMLMap, YAMLSeq, type Document } from 'yaml'
import type { OperatorPolicy } from '../types.ts'

const HEADER = `# What agents may do, must ask for, or may not do: by type, target (a glob), agent, template and risk.
# The strictest match wins: block, ask, warn, allow. Changes take effect when the file is saved.
# A policy that asks may say who has to agree: \`people: 2\`, \`people: { of: [ada, maya, tom], atLeast: 2 }\`;
# \`notStarter: true\` if whoever started the agent does not count. All that match have to be met.
`
const ORDER = [
  'id',
  'effect',
  'type',
  'target',
  'pattern',
  'options',
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
  for (const key of ORDER)
    if (policy[key] !== undefined) row.set(key, doc.createNode(policy[key], { flow: true }))
  const list = listOf(doc)
  if (list.items.length === 0) list.flow = false
  list.add(doc.createNode(row))
  return doc.toString({ lineWidth: 0 })
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

/** Removes the policy with the index `at`. */
export function withoutPolicy(text: string, at: number): string {
  const doc = parseDocument(text)
  const list = listOf(doc)
  const comment = commentOf(list.items[at])
  list.delete(at)
  if (comment !== undefined && at === 0 && list.items.length === 0) list.commentBefore = comment
  if (list.items.length === 0) list.flow = true
  return doc.toString({ lineWidth: 0 })
}

function listOf(doc: Document, key: 'policies' | 'packs' = 'policies'): YAMLSeq {
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

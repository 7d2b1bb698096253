import { glob, globOf } from '../../base/glob.ts'
import { matchesSafely, matchesStrictly, matchesWhole } from './match.ts'
import { patternOf, Texts, type Pattern } from './pattern.ts'
import type { Spellings } from './spellings.ts'
import type { OperatorPolicy } from './types.ts'
import { Grams, wideOf, type Wide } from './wide.ts'

/** The operator's policies, by type and by how their target begins, so that most are never looked at. */
export interface CompiledPolicies {
  readonly all: readonly OperatorPolicy[]
  /** Every policy that matches, in the order they were written. */
  matching(about: {
    spellings: Spellings
    agent: string
    template: string
    risk: number
  }): OperatorPolicy[]
}

interface Row {
  policy: OperatorPolicy
  order: number
  strict: boolean
  wide: Wide
  safe: ReturnType<typeof globOf>
  pattern: Pattern | undefined
}
/** Rows by the plain text that their target begins with, character by character. */
interface Node {
  rows: Row[]
  next: Map<string, Node>
}

/** Longer beginnings are cut: this bounds the tree. */
const LONGEST_START = 48
const ANY_TYPE = '*'

/** Where one has a pattern, `readyForPatterns` is to be awaited before. Fault `policies.invalid`. */
export function compilePolicies(policies: readonly OperatorPolicy[]): CompiledPolicies {
  const types = new Map<string, Node>()
  policies.forEach((policy, order) => {
    const type = policy.type ?? ANY_TYPE
    const target = policy.target ?? '*'
    const row = {
      policy,
      order,
      strict: policy.effect === 'block' || policy.effect === 'ask',
      wide: wideOf(target),
      safe: globOf(target),
      pattern: policy.pattern === undefined ? undefined : patternOf(policy.pattern),
    }
    let node = types.get(type)
    if (node === undefined) types.set(type, (node = { rows: [], next: new Map() }))
    for (const char of row.wide.start.slice(0, LONGEST_START)) node = childOf(node, char)
    node.rows.push(row)
  })
  return {
    all: policies,
    matching(about) {
      const near = new Set<Row>()
      for (const type of [about.spellings.action.type, ANY_TYPE]) {
        const root = types.get(type)
        if (root !== undefined) collect(root, about.spellings, near)
      }
      let texts: Texts | undefined
      const put = () => (texts ??= new Texts(about.spellings))
      return [...near]
        .filter((row) => applies(row, about, put))
        .toSorted((a, b) => a.order - b.order)
        .map((row) => row.policy)
    },
  }
}

function childOf(node: Node, char: string): Node {
  let child = node.next.get(char)
  if (child === undefined) node.next.set(char, (child = { rows: [], next: new Map() }))
  return child
}

/** The rows whose target begins as one of the spellings does, and those that begin with a star and may be in one. */
function collect(root: Node, { wholes, starts }: Spellings, near: Set<Row>): void {
  for (const text of wholes) along(root, text, 0, near)
  for (const { text, from } of starts) along(root, text, from, near)
  if (root.rows.length === 0) return
  const grams = root.rows.length > FEW ? new Grams(wholes) : undefined
  for (const row of root.rows) if (grams === undefined || grams.hold(row.wide.grams)) near.add(row)
}

/** Below this many, looking at each costs less than counting what the texts hold. */
const FEW = 64

function along(root: Node, text: string, from: number, near: Set<Row>): void {
  let node = root.next.get(text[from] ?? '')
  for (let i = from + 1; node !== undefined; i++) {
    for (const row of node.rows) near.add(row)
    node = node.next.get(text[i] ?? '')
  }
}

function applies(
  row: Row,
  about: Parameters<CompiledPolicies['matching']>[0],
  texts: () => Texts,
): boolean {
  const { policy } = row
  if (about.risk < (policy.riskAtLeast ?? 0) || about.risk > (policy.riskAtMost ?? 100))
    return false
  if (policy.agent !== undefined && !glob(policy.agent, about.agent)) return false
  if (policy.template !== undefined && !glob(policy.template, about.template)) return false
  return isAbout(row, about.spellings, texts)
}

function isAbout(
  { policy: { target }, pattern, strict, wide, safe }: Row,
  ways: Spellings,
  texts: () => Texts,
): boolean {
  if (pattern !== undefined)
    return strict ? pattern.found(texts()) : matchesWhole(pattern, ways.action)
  if (target === undefined) return true
  return strict ? matchesStrictly(target, ways, wide) : matchesSafely(target, ways.action, safe)
}

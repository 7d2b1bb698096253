import type { CommandPart } from '../../../command-analysis/patterns/covers.ts'
import type { OperatorPolicy } from '../types.ts'
import type { Permission } from './permission.ts'
import { ProgramIndex } from './program-index.ts'
import type { ActionView } from './view.ts'
import type { ActionTexts, Restriction } from './restriction.ts'
import { literalPrefix } from './wildcard.ts'

/** A policy with its compiled target. */
export type IndexedPolicy = {
  readonly policy: OperatorPolicy
  /** Its place in the file. */
  readonly order: number
} & ({ readonly restriction: Restriction } | { readonly permission: Permission })

/** A tree of policies by the literal text that their target begins with, one character a level. */
interface PrefixNode {
  policies: IndexedPolicy[]
  next: Map<string, PrefixNode>
}

/** Longer prefixes are cut, which bounds the tree. */
const MAX_PREFIX = 48
/** Up to this many policies, comparing each costs less than counting trigrams. */
const FEW_POLICIES = 64

/** The policies of one type, indexed so that few are compared with a question. */
export class PolicyIndex {
  readonly #root: PrefixNode = { policies: [], next: new Map() }
  readonly #commands = new ProgramIndex<IndexedPolicy>()

  add(indexed: IndexedPolicy): void {
    const prefix = literalPrefix(indexed.policy.target ?? '*')
    let node = this.#root
    for (const char of prefix.slice(0, MAX_PREFIX)) node = childOf(node, char)
    node.policies.push(indexed)
    if ('restriction' in indexed && indexed.restriction.ban !== undefined)
      this.#commands.add(indexed.restriction.ban, indexed)
  }

  /** Adds all policies that may match an action to `found`. */
  collect(view: ActionView, texts: ActionTexts, found: Set<IndexedPolicy>): void {
    if (this.#root.next.size > 0) this.#withPrefix(view, found)
    if (view.line !== undefined) this.#commands.collect(view.line, found)
    this.#withoutPrefix(texts, found)
  }

  #withPrefix(view: ActionView, found: Set<IndexedPolicy>): void {
    const { certain, possible } = view
    const wholes = new Set([...certain.wholes, ...possible.wholes])
    for (const { texts } of commandParts(view)) for (const text of texts) wholes.add(text)
    for (const text of wholes) this.#along(text, 0, found)
    for (const { text, from } of [...certain.starts, ...possible.starts])
      this.#along(text, from, found)
  }

  #along(text: string, from: number, found: Set<IndexedPolicy>): void {
    let node = this.#root.next.get(text[from] ?? '')
    for (let i = from + 1; node !== undefined; i++) {
      for (const indexed of node.policies) found.add(indexed)
      node = node.next.get(text[i] ?? '')
    }
  }

  #withoutPrefix(texts: ActionTexts, found: Set<IndexedPolicy>): void {
    const { policies } = this.#root
    const isFew = policies.length <= FEW_POLICIES
    for (const indexed of policies)
      if (
        isFew ||
        !('restriction' in indexed) ||
        texts.mayContain(indexed.restriction.wildcard.trigrams)
      )
        found.add(indexed)
  }
}

function childOf(node: PrefixNode, char: string): PrefixNode {
  let child = node.next.get(char)
  if (child === undefined) node.next.set(char, (child = { policies: [], next: new Map() }))
  return child
}

function commandParts({ pieces = [] }: ActionView): CommandPart[] {
  return pieces.flatMap((piece) => ('part' in piece ? [piece.part] : []))
}

import { glob } from '../../base/glob.ts'
import type { Table } from '../../command-analysis/table.ts'
import { programs } from '../../config/programs.ts'
import { foundIn, noOf, TextsOf, type No } from './no.ts'
import { ProgramIndex } from './program-index.ts'
import type { OperatorPolicy } from './types.ts'
import type { View } from './view.ts'
import { Grams, startOf } from './wide.ts'
import { coveredBy, shortOf, yesOf, type Yes } from './yes.ts'

export interface About {
  readonly view: View
  readonly agent: string
  readonly template: string
  readonly risk: number
}

/** A policy that speaks of an action. */
export interface Matched {
  readonly policy: OperatorPolicy
  /** What asks or blocks: whether the action certainly is what it means, and not only could be. */
  readonly sure: boolean
  /** What allows or warns: the pieces of the action that it covers. */
  readonly pieces: ReadonlySet<number>
  /** Why it does not cover a piece that it matches. */
  readonly lacks: string | undefined
}

/** The operator's policies, by type and by how their target begins, so that most are never looked at. */
export interface CompiledPolicies {
  readonly all: readonly OperatorPolicy[]
  readonly table: Table
  /** Every policy that matches, in the order they were written. */
  matching(about: About): Matched[]
}

type Row = {
  readonly policy: OperatorPolicy
  readonly order: number
  /** The plain text that its target begins with. */
  readonly start: string
} & ({ readonly no: No } | { readonly yes: Yes })
/** Rows by the plain text that their target begins with, character by character. */
interface Node {
  rows: Row[]
  next: Map<string, Node>
}

interface Rows {
  root: Node
  /** What asks or blocks as a command. */
  commands: ProgramIndex<Row>
}

/** Longer beginnings are cut: this bounds the tree. */
const LONGEST_START = 48
const ANY_TYPE = '*'
/** Below this many, looking at each costs less than counting what the texts hold. */
const FEW = 64

/** Where one has a pattern, `readyForPatterns` is to be awaited before. Fault `policies.invalid`. */
export function compilePolicies(
  policies: readonly OperatorPolicy[],
  table: Table = programs(),
): CompiledPolicies {
  const types = new Map<string, Rows>()
  policies.forEach((policy, order) => addRow(types, policy, order, table))
  return {
    all: policies,
    table,
    matching(about) {
      const near = new Set<Row>()
      for (const type of [about.view.action.type, ANY_TYPE]) {
        const rows = types.get(type)
        if (rows !== undefined) collect(rows, about.view, near)
      }
      const texts = new TextsOf(about.view)
      return [...near]
        .filter(({ policy }) => isFor(policy, about))
        .toSorted((a, b) => a.order - b.order)
        .flatMap((row) => matched(row, about.view, texts) ?? [])
    },
  }
}

function addRow(
  types: Map<string, Rows>,
  policy: OperatorPolicy,
  order: number,
  table: Table,
): void {
  const strict = policy.effect === 'block' || policy.effect === 'ask'
  const start = startOf(policy.target ?? '*')
  const row: Row = strict
    ? { policy, order, start, no: noOf(policy, table) }
    : { policy, order, start, yes: yesOf(policy) }
  const type = policy.type ?? ANY_TYPE
  let rows = types.get(type)
  if (rows === undefined)
    types.set(type, (rows = { root: { rows: [], next: new Map() }, commands: new ProgramIndex() }))
  let node = rows.root
  for (const char of start.slice(0, LONGEST_START)) node = childOf(node, char)
  node.rows.push(row)
  if ('no' in row && row.no.ban !== undefined) rows.commands.add(row.no.ban, row)
}

function childOf(node: Node, char: string): Node {
  let child = node.next.get(char)
  if (child === undefined) node.next.set(char, (child = { rows: [], next: new Map() }))
  return child
}

/** The rows whose target begins as one of the texts does, those about its programs, and those that begin with a star and may be in one. */
function collect({ root, commands }: Rows, view: View, near: Set<Row>): void {
  for (const { wholes, starts } of [view.certain, view.possible]) {
    for (const text of wholes) along(root, text, 0, near)
    for (const { text, from } of starts) along(root, text, from, near)
  }
  for (const text of partsIn(view).flatMap(({ texts }) => texts)) along(root, text, 0, near)
  if (view.line !== undefined) commands.collect(view.line, near)
  withStars(root.rows, view, near)
}

function withStars(rows: readonly Row[], { certain, possible }: View, near: Set<Row>): void {
  const grams = rows.length > FEW ? new Grams([...certain.wholes, ...possible.wholes]) : undefined
  for (const row of rows)
    if (!('no' in row) || grams === undefined || grams.hold(row.no.wide.grams)) near.add(row)
}

function partsIn({ pieces = [] }: View) {
  return pieces.flatMap((piece) => ('part' in piece ? [piece.part] : []))
}

function along(root: Node, text: string, from: number, near: Set<Row>): void {
  let node = root.next.get(text[from] ?? '')
  for (let i = from + 1; node !== undefined; i++) {
    for (const row of node.rows) near.add(row)
    node = node.next.get(text[i] ?? '')
  }
}

function isFor(policy: OperatorPolicy, { agent, template, risk }: About): boolean {
  if (risk < (policy.riskAtLeast ?? 0) || risk > (policy.riskAtMost ?? 100)) return false
  if (policy.agent !== undefined && !glob(policy.agent, agent)) return false
  return policy.template === undefined || glob(policy.template, template)
}

const NO_PIECES: ReadonlySet<number> = new Set()

function matched(row: Row, view: View, texts: TextsOf): Matched | undefined {
  const { policy } = row
  if ('no' in row) {
    const everything = policy.target === undefined && policy.pattern === undefined
    const found = everything ? 'surely' : foundIn(row.no, view, texts)
    return found === 'no'
      ? undefined
      : { policy, sure: found === 'surely', pieces: NO_PIECES, lacks: undefined }
  }
  const pieces = coveredBy(row.yes, view)
  const lacks = shortOf(row.yes, view)
  return pieces.size === 0 && lacks === undefined
    ? undefined
    : { policy, sure: false, pieces, lacks }
}

import type { Node, Program, Table } from './table.ts'

/**
 * The verb that a word is, by any of its names, and by the beginning of one where the program takes
 * that.
 */
export function verbNamed(
  program: Program,
  { verbs, verbFamilies }: Node,
  word: string,
): Node | undefined {
  if (verbs === undefined) return undefined
  const known = verbs.get(word)
  if (known !== undefined) return known
  const family = verbFamilies.find(([start]) => word.startsWith(start))
  if (family !== undefined) return family[1]
  if (!program.abbreviates || word.length < 2) return undefined
  const kebab = word.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
  const begun = new Set<Node>()
  for (const [name, node] of verbs) {
    if (name === kebab) return node
    if (name.startsWith(kebab)) begun.add(node)
  }
  return begun.size === 1 ? [...begun][0] : undefined
}

/**
 * Every other way to write a program's verbs, with the usual one: for where there is no table to
 * look them up in.
 */
export function otherNames(name: string, table: Table): Map<string, string> {
  const program = table.find(name)
  const found = new Map<string, string>()
  if (program?.verbs === undefined) return found
  for (const word of [...program.verbs.keys()].flatMap((verb) => waysTo(program, verb))) {
    const verb = verbNamed(program, program, word)
    if (verb !== undefined && verb.name !== word) found.set(word, verb.name)
  }
  return found
}

/** A verb, and where it may be abbreviated all of its beginnings, also in camel case. */
function waysTo({ abbreviates }: Program, verb: string): string[] {
  if (!abbreviates) return [verb]
  const begun = Array.from(verb, (_, i) => verb.slice(0, i + 1)).filter((way) => !way.endsWith('-'))
  return [
    ...begun,
    ...begun.map((way) => way.replace(/-([a-z])/g, (_, c: string) => c.toUpperCase())),
  ]
}

import type { Node, Option } from './table.ts'

/**
 * The options that may stand at some place in a command: those of the verb that was reached, and
 * those that may stand anywhere.
 */
export class KnownOptions {
  readonly #nodes: readonly Node[]
  readonly #visible: readonly Node[]
  readonly #meant = new Map<string, Option | undefined>()

  /** A program and the verbs that were spoken, in order. */
  constructor(nodes: readonly Node[]) {
    this.#nodes = nodes
    const last = nodes.length - 1
    this.#visible = nodes.filter(({ global }, i) => i === last || global).toReversed()
  }

  below(verb: Node): KnownOptions {
    return new KnownOptions([...this.#nodes, verb])
  }

  named(name: string): Option | undefined {
    for (const { options } of this.#visible) {
      const option = options.get(name)
      if (option !== undefined) return option
    }
    return undefined
  }

  /** Every name of each option that has a name of this kind. */
  allNames(isMeant: (name: string) => boolean): string[] {
    return this.#visible.flatMap(({ options }) =>
      [...new Set(options.values())].flatMap(({ names }) => (names.some(isMeant) ? names : [])),
    )
  }

  /** One that is told by how it begins: `-Wall`. */
  family(text: string): Option | undefined {
    for (const { families } of this.#visible)
      for (const [start, option] of families) if (text.startsWith(start)) return option
    return undefined
  }

  /**
   * The one of a family, or the one that this is the beginning of. A family of any name is not
   * meant where a program takes the beginning of another one.
   */
  meant(family: Option | undefined, name: string): Option | undefined {
    if (family !== undefined && !family.names.includes('--*')) return family
    const known = this.#meant.get(name)
    if (known !== undefined || this.#meant.has(name)) return known
    const option = family === undefined || this.#begins(name) ? this.begun(name) : family
    this.#meant.set(name, option)
    return option
  }

  #begins(name: string): boolean {
    return this.#visible.some((node) =>
      optionsBegun(node, name).some(({ names }) => names[0] !== '--*'),
    )
  }

  /**
   * The option that this is the beginning of, as most programs take it; of several, one where it
   * does not matter which.
   */
  begun(name: string): Option | undefined {
    if (!name.startsWith('--') || name.length < 3) return undefined
    const [first, ...others] = this.#visible.flatMap((node) => optionsBegun(node, name))
    const same = others.every(
      ({ value, effect, kind }) =>
        value === first?.value && effect === first.effect && kind === first.kind,
    )
    return same ? first : undefined
  }
}

const sorted = new WeakMap<Node, readonly string[]>()

/** The options of a node with a name that begins so, each as often as it has such names. */
function optionsBegun(node: Node, start: string): Option[] {
  const names = sorted.get(node) ?? [...node.options.keys()].toSorted()
  sorted.set(node, names)
  let [from, to] = [0, names.length]
  while (from < to) {
    const middle = (from + to) >> 1
    if ((names[middle] as string) < start) from = middle + 1
    else to = middle
  }
  const found: Option[] = []
  for (; names[from]?.startsWith(start) === true; from++)
    found.push(node.options.get(names[from] as string) as Option)
  return found
}

import { glob } from '../../base/glob.ts'
import { type Given, type Invocation } from '../invocation.ts'
import { baseName } from '../paths.ts'
import { KnownOptions } from '../programs/known-options.ts'
import type { LooseWords } from '../loose.ts'
import { tokensOf, type Token } from './pattern-tokens.ts'
import type { Node, Option, Program, Table } from '../programs/table.ts'
import type { Command } from '../types.ts'
import { verbNamed } from '../programs/verbs.ts'

/**
 * A pattern that asks or blocks, as a command: `git push * --force*`. Verbs and operands are
 * compared in their order, options as a set: joined or split, long or short, before or behind the
 * operands.
 */
export interface Ban {
  /** The program's usual name. */
  readonly name: string
  readonly program: Program | undefined
  /** Verbs and operands in order. */
  readonly words: readonly Slot[]
  readonly options: readonly Wanted[]
  /** Whether more may follow. */
  readonly open: boolean
}

/** A word, or any number of words. */
type Slot = { readonly shape: string } | 'any'

interface Wanted {
  /** Undefined for one that is only known by how it is written. */
  readonly option: Option | undefined
  /** Its name, as a pattern. */
  readonly shape: string
  /** Every name of each option that this could be. */
  readonly names: readonly string[]
  /** Its value, as a pattern; undefined for any. */
  readonly value: string | undefined
}

/** What a pattern means as a command; undefined where it does not begin with a program's name. */
export function banOf(pattern: string, table: Table): Ban | undefined {
  const [head, ...rest] = tokensOf(pattern)
  const name = head === undefined ? undefined : programIn(head, rest, table)
  if (name === undefined) return undefined
  const program = table.find(name)
  const open = pattern.endsWith('*') && !pattern.endsWith('\\*')
  const read = new TokenReader(program)
  for (let i = 0; i < rest.length; i++) i += read.take(rest[i] as Token, rest[i + 1])
  return { name: program?.name ?? name, program, words: read.words, options: read.options, open }
}

/**
 * The program that a pattern begins with: a whole word, or a program of the table and a star right
 * behind it.
 */
function programIn(head: Token, rest: readonly Token[], table: Table): string | undefined {
  const name = baseName(head.literal)
  if (name === '') return undefined
  if (head.whole) return name
  const alone = rest.length === 0 && head.shape === `${head.literal}*`
  return alone && table.find(name) !== undefined ? name : undefined
}

class TokenReader {
  readonly words: Slot[] = []
  readonly options: Wanted[] = []
  readonly #program: Program | undefined
  #known: KnownOptions
  #node: Node | undefined
  #operands = 0

  constructor(program: Program | undefined) {
    this.#program = program
    this.#known = new KnownOptions(program === undefined ? [] : [program])
    this.#node = program
  }

  /** Takes a token, and answers how many of those behind it belong to it. */
  take(token: Token, next: Token | undefined): number {
    if (/^-./.test(token.literal) && this.#program?.style !== 'none')
      return this.#option(token, next)
    this.#word(token)
    return 0
  }

  #word(token: Token): void {
    const verb = this.#operands === 0 ? this.#verb(token) : undefined
    if (verb === undefined) this.#operands++
    else {
      this.#node = verb
      this.#known = this.#known.below(verb)
    }
    if (token.shape.startsWith('*') && this.words.at(-1) !== 'any') this.words.push('any')
    if (/^\*+$/.test(token.shape)) return
    this.words.push({ shape: verb !== undefined && token.whole ? verb.name : token.shape })
    if (/[^\\]\*/.test(token.shape)) this.words.push('any')
  }

  /** An abbreviation is one where it is whole: `insta*` is about everything that begins so. */
  #verb({ literal, whole }: Token): Node | undefined {
    if (this.#node === undefined || this.#program === undefined) return undefined
    return whole ? verbNamed(this.#program, this.#node, literal) : this.#node.verbs?.get(literal)
  }

  #option({ literal, whole, shape }: Token, next: Token | undefined): number {
    const equals = literal.indexOf('=')
    const name = equals < 0 ? literal : literal.slice(0, equals)
    const option = this.#known.named(name)
    if (equals >= 0) return this.#want(option, name, shape.slice(shape.indexOf('=') + 1))
    if (whole && option?.value === 'needed') return this.#valued(option, name, next)
    const clusters = /^-[^-]/.test(literal) && this.#program?.style !== 'dash'
    if (option !== undefined && (whole || clusters)) return this.#want(option, name)
    return clusters ? this.#letters(literal, shape) : this.#want(undefined, shape)
  }

  #valued(option: Option, name: string, next: Token | undefined): number {
    this.#want(option, name, next?.shape ?? '*')
    return next === undefined ? 0 : 1
  }

  /** `-rf`, `-XVALUE`, and what may follow a star behind it. */
  #letters(literal: string, shape: string): number {
    for (let i = 1; i < literal.length; i++) {
      const name = `-${literal[i]}`
      const option = this.#known.named(name)
      const rest = shape.slice(i + 1)
      if (option !== undefined && option.value !== 'none')
        return this.#want(option, name, rest || '*')
      this.#want(option, name)
    }
    return 0
  }

  #want(option: Option | undefined, shape: string, value?: string): number {
    const names = option?.names ?? this.#known.allNames((name) => glob(shape, name))
    this.options.push({ option, shape, names, value })
    return 0
  }
}

/** Whether a command certainly is what a pattern means. */
export function meets(ban: Ban, { invocation }: Command): boolean {
  if (invocation.name !== ban.name || isDoubtful(invocation)) return false
  const { options, verbs, operands } = invocation
  if (!ban.options.every((wanted) => options.some((given) => isWanted(wanted, given)))) return false
  const words = [...verbs.map(({ name }) => name), ...operands.map(({ word }) => word.text)]
  if (!follows(ban.words, words, ban.open)) return false
  return ban.open || options.length === ban.options.length
}

/** Whether it cannot be told which of its words are verbs. */
function isDoubtful({ verbs, node, doubts }: Invocation): boolean {
  const last = node?.verbs === undefined ? (verbs.at(-1)?.at ?? 0) : Infinity
  return doubts.some(({ at }) => at <= last)
}

function isWanted({ option, shape, value }: Wanted, given: Given): boolean {
  const named =
    option === undefined
      ? [given.written, ...(given.option?.names ?? [])].some((name) => glob(shape, name))
      : given.option === option
  if (!named || value === undefined) return named
  return given.value?.text !== undefined && glob(value, given.value.text)
}

/**
 * Whether words are those of a pattern, in their order. A word that only the shell knows is none of
 * them.
 */
function follows(
  slots: readonly Slot[],
  words: readonly (string | undefined)[],
  isOpen: boolean,
): boolean {
  let [slot, word, star, from] = [0, 0, -1, 0]
  while (word < words.length) {
    const wanted = slots[slot]
    const text = words[word]
    if (wanted === 'any') [star, from] = [slot++, word]
    else if (wanted === undefined && isOpen) return true
    else if (wanted !== undefined && text !== undefined && glob(wanted.shape, text)) {
      slot++
      word++
    } else if (star >= 0) [slot, word] = [star + 1, ++from]
    else return false
  }
  return slots.slice(slot).every((rest) => rest === 'any')
}

/**
 * How many beginnings of a command are looked at in one text; where there are more, one of them may
 * be anything.
 */
const MOST_BEGINNINGS = 64

/**
 * Whether a command could begin among some words that is what a pattern means, whatever stands
 * between its own words.
 */
export function couldBeAmong(ban: Ban, loose: LooseWords): boolean {
  const places = loose.placesOf(ban.name)
  return (
    places.length > MOST_BEGINNINGS || places.some((at) => couldBegin(ban, loose.words, at + 1))
  )
}

/**
 * Whether a command could be what a pattern means. `undefined` is a word, or several, that only the
 * shell knows.
 */
export function couldMeet(
  ban: Ban,
  [head, ...rest]: readonly (string | undefined)[],
  table: Table,
): boolean {
  if (head !== undefined) {
    const base = baseName(head)
    if (base !== ban.name && table.find(base)?.name !== ban.name) return false
  }
  return couldBegin(ban, rest, 0)
}

function couldBegin(ban: Ban, words: readonly (string | undefined)[], from: number): boolean {
  let at = from
  for (const slot of ban.words) {
    if (slot === 'any') continue
    while (at < words.length && !couldBe(slot.shape, words[at])) at++
    if (at >= words.length) return words.includes(undefined, from)
    if (words[at] !== undefined) at++
  }
  const rest = words.slice(from)
  return ban.options.every((wanted) => rest.some((word) => couldBeOption(wanted, word)))
}

function couldBe(shape: string, word: string | undefined): boolean {
  return word === undefined || glob(shape, word)
}

function couldBeOption({ names, shape }: Wanted, word: string | undefined): boolean {
  if (word === undefined) return true
  if (!word.startsWith('-')) return false
  const name = word.split('=', 1)[0] as string
  return [shape, ...names].some(
    (each) =>
      glob(each, name) ||
      (name.startsWith('--') && name.length > 2 && each.startsWith(name)) ||
      (/^-[^-]$/.test(each) && /^-[^-]/.test(word) && word.includes(each[1] as string)),
  )
}

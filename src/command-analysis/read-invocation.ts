import type { Doubt, Given, Invocation, Operand, Spoken } from './invocation.ts'
import { baseName } from './paths.ts'
import { KnownOptions } from './programs/known-options.ts'
import type { Kind, Node, Operands, Option, Program, Table } from './programs/table.ts'
import { verbNamed } from './programs/verbs.ts'
import { constant, type Word } from './word.ts'

/** The words of one command, as the table knows its program. The first word is the program. */
export function readInvocation(words: readonly Word[], table: Table): Invocation {
  const head = words[0]?.text
  const program = head === undefined ? undefined : table.find(baseName(head))
  const name = program?.name ?? (head === undefined ? undefined : baseName(head))
  if (program === undefined) {
    const operands = words.slice(1).map((word, i) => ({ word, at: i + 1, kind: 'data' as const }))
    return {
      program,
      name,
      node: undefined,
      verbs: [],
      options: [],
      operands,
      doubts: [],
      inert: false,
    }
  }
  return new Reader(program, words).read(name)
}

class Reader {
  readonly #program: Program
  readonly #words: readonly Word[]
  #known: KnownOptions
  #node: Node
  #at = 1
  #ended = false
  readonly #verbs: Spoken[] = []
  readonly #options: Given[] = []
  readonly #operands: { word: Word; at: number }[] = []
  readonly #kinds: Kind[] = []
  #assigned = 0
  readonly #doubts: Doubt[] = []

  constructor(program: Program, words: readonly Word[]) {
    this.#program = program
    this.#words = words
    this.#node = program
    this.#known = new KnownOptions([program])
    this.#ended = program.style === 'none'
  }

  read(name: string | undefined): Invocation {
    if (this.#program.bundle) this.#bundle()
    for (; this.#at < this.#words.length; this.#at++) this.#word(this.#words[this.#at] as Word)
    return {
      program: this.#program,
      name,
      node: this.#node,
      verbs: this.#verbs,
      options: this.#options,
      operands: this.#placed(),
      doubts: this.#doubts,
      inert: this.#options.some(isTelling) && !this.#doubts.some(turnsOff),
    }
  }

  /** `tar xf a`: the letters, and then the value of each that takes one, in their order. */
  #bundle(): void {
    const word = this.#words[1]
    if (word === undefined || word.start.startsWith('-')) return
    const { text } = word
    if (text === undefined || !/^[A-Za-z]+$/.test(text)) {
      // It is read as letters all the same, whatever it is.
      this.#doubts.push({ at: 1, why: text === undefined ? 'open' : 'value' })
      return
    }
    for (const letter of text) {
      const option = this.#node.options.get(`-${letter}`)
      const valued = option?.value === 'needed'
      if (valued) this.#at++
      this.#given(option, {
        written: `-${letter}`,
        at: 1,
        ...(valued ? { valueAt: this.#at } : {}),
      })
    }
    this.#at++
  }

  #word(word: Word): void {
    const { text } = word
    if (!this.#ended && (text === undefined ? word.dashes : this.#isOption(text))) {
      if (text === undefined) this.#open(word)
      else if (text === '--') this.#ended = true
      else this.#option(text)
      return
    }
    if (this.#operands.length === 0 && this.#node.verbs !== undefined && this.#verb(word)) return
    this.#operand(word)
  }

  #isOption(text: string): boolean {
    if (text.startsWith('-')) return text.length > 1
    return /^[+@]/.test(text) && this.#known.family(text) !== undefined
  }

  /** What the shell makes of this word may be an option, a verb, an operand, or several of them. */
  #open(word: Word): void {
    this.#doubts.push({ at: this.#at, why: 'open' })
    this.#operand(word)
  }

  #verb(word: Word): boolean {
    const verb =
      word.text === undefined ? undefined : verbNamed(this.#program, this.#node, word.text)
    if (verb !== undefined) {
      const name = verb.name.endsWith('*') ? (word.text as string) : verb.name
      this.#verbs.push({ name, node: verb, at: this.#at })
      this.#node = verb
      this.#known = this.#known.below(verb)
      if (verb.stops === 'here') this.#ended = true
      return true
    }
    if (word.text === undefined) this.#doubts.push({ at: this.#at, why: 'open' })
    else if (this.#node.operands === undefined) this.#doubts.push({ at: this.#at, why: 'verb' })
    return false
  }

  #operand(word: Word): void {
    const { operands } = this.#node
    const kind = this.#kindOf(word, operands)
    this.#operands.push({ word, at: this.#at })
    this.#kinds.push(kind)
    if (this.#node.stops !== false || REST.has(kind)) this.#ended = true
    if (REST.has(kind)) this.#rest()
  }

  #kindOf(word: Word, operands: Operands | undefined): Kind {
    if (operands === undefined) return 'data'
    if (operands.assigns && this.#assigned === this.#kinds.length && ASSIGNS.test(word.start)) {
      this.#assigned++
      return 'assign'
    }
    const at = this.#kinds.length - this.#assigned
    return operands.first[at] ?? operands.many ?? operands.last[0] ?? 'data'
  }

  /** Operands with their kinds, those at the end by their place from there. */
  #placed(): Operand[] {
    const { first = [], many, last = [] } = this.#node.operands ?? {}
    const { length } = this.#operands
    const isShort = this.#options.some(({ option, written }) =>
      (option?.names ?? [written]).some((name) => this.#node.instead.has(name)),
    )
    const own = (isShort ? first.slice(1) : first).length + this.#assigned
    const kindAt = (i: number) =>
      isShort ? (first[i + 1] ?? many ?? last[0] ?? 'data') : (this.#kinds[i] as Kind)
    return this.#operands.map(({ word, at }, i) => ({
      word,
      at,
      kind: (i >= own ? last[last.length - (length - i)] : undefined) ?? kindAt(i),
    }))
  }

  #option(text: string): void {
    if (/^[+@]/.test(text)) return this.#familiar(text)
    if (this.#program.style === 'dash') return this.#long(text.replace(/^--/, '-'))
    if (text.startsWith('--')) return this.#long(text)
    return this.#short(text)
  }

  /**
   * `-Wall`, `+%F`, `@file`: what stands behind the beginning that tells it is its value, where it
   * takes one.
   */
  #familiar(text: string): void {
    const option = this.#known.family(text)
    const place = { written: text, at: this.#at }
    if (option?.value !== 'glued') return this.#given(option, place)
    const start = option.names.find((name) => text.startsWith(name.slice(0, -1))) ?? '*'
    const glued = constant(text.slice(start.length - 1))
    this.#given(option, { ...place, valueAt: this.#at, glued })
  }

  #long(text: string): void {
    const equals = text.indexOf('=')
    const written = equals < 0 ? text : text.slice(0, equals)
    const named = this.#known.named(written)
    const family = named === undefined ? this.#known.family(text) : undefined
    if (family?.value === 'glued' && !text.startsWith('--')) return this.#familiar(text)
    const option = named ?? this.#known.meant(family, written)
    if (equals < 0) return this.#alone(option, written)
    const glued = constant(text.slice(equals + 1))
    this.#given(option, { written, at: this.#at, valueAt: this.#at, glued })
  }

  /** An option without a value glued to it. */
  #alone(option: Option | undefined, written: string): void {
    const place = { written, at: this.#at }
    if (option?.value !== 'needed') return this.#given(option, place)
    this.#given(option, { ...place, valueAt: ++this.#at })
    if (option.double) this.#at++
    if (PARTS.has(option.kind)) this.#at = partEnd(this.#words, this.#at, option.kind)
    else if (REST.has(option.kind)) this.#rest()
  }

  /** All of the rest belongs to what was just read. */
  #rest(): void {
    this.#at = this.#words.length
  }

  /** `-f`, `-vf`, `-ofile`, `-5`. */
  #short(text: string): void {
    const whole = this.#known.named(text)
    if (whole !== undefined) return this.#alone(whole, text)
    const number = /^-\d+$/.test(text) ? this.#known.named('-#') : undefined
    if (number !== undefined) return this.#given(number, { written: text, at: this.#at })
    if (text.length > MOST_LETTERS) return this.#given(undefined, { written: text, at: this.#at })
    for (let i = 1; i < text.length; i++) {
      const written = `-${text[i]}`
      const option = this.#known.named(written)
      if (option === undefined && this.#known.family(text) !== undefined)
        return this.#familiar(text)
      if (option !== undefined && option.value !== 'none')
        return this.#valued(option, written, text.slice(i + 1))
      this.#given(option, { written, at: this.#at })
    }
  }

  #valued(option: Option, written: string, rest: string): void {
    if (rest === '') return this.#alone(option, written)
    const glued = constant(rest.replace(/^=/, ''))
    this.#given(option, { written, at: this.#at, valueAt: this.#at, glued })
  }

  /** A word behind an option without a value may turn it on or off. */
  #answered(at: number): void {
    if (this.#program.answers && ANSWER.test(this.#words[at]?.text ?? ''))
      this.#doubts.push({ at, why: 'value' })
  }

  #given(
    option: Option | undefined,
    place: { written: string; at: number; valueAt?: number; glued?: Word },
  ): void {
    const { written, at, valueAt = -1, glued } = place
    const value = glued ?? (valueAt < 0 ? undefined : this.#words[valueAt])
    this.#options.push({ option, written, value, at, valueAt })
    if (option === undefined) this.#doubts.push({ at, why: 'option' })
    if (valueAt < 0) this.#answered(at + 1)
    if (value === undefined || glued !== undefined) return
    if (value.text === undefined ? value.splits : /^-\D/.test(value.text))
      this.#doubts.push({ at: valueAt, why: 'value' })
  }
}

/**
 * Whether with this option a program only tells something. With a value behind `=` it may be turned
 * off: `--help=false`.
 */
function isTelling({ option, value }: Given): boolean {
  return option?.effect === 'inert' && (value === undefined || option.value !== 'none')
}

/** Whether an option may be turned off by something that nobody knows: `--help --no-help`. */
function turnsOff({ why }: Doubt): boolean {
  return why === 'option' || why === 'value'
}

const ANSWER = /^(?:true|false|null)$/

/**
 * Where a command ends that stands among the words of another: at `;`, and for some at a `+` behind
 * `{}`.
 */
export function partEnd(words: readonly Word[], from: number, kind: Kind): number {
  const ends = ({ text }: Word, at: number): boolean =>
    at >= from &&
    (text === ';' || (text === '+' && kind === 'command-part' && words[at - 1]?.text === '{}'))
  const end = words.findIndex(ends)
  return end < 0 ? words.length : end
}

/** Values that are a command of which the end is told. */
export const PARTS: ReadonlySet<Kind> = new Set<Kind>(['command-part', 'command-span'])

/** Nobody joins more options than this in one word. */
const MOST_LETTERS = 64

/** What takes all the words behind it. */
const REST = new Set<Kind>(['command', 'lines', 'split', 'module'])
/** Programs that set variables take any name for one. */
const ASSIGNS = /^[^=]+=/

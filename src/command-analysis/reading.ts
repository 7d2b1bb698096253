import { childrenOf, runsInput, type Child } from './children.ts'
import { LooseWords } from './loose.ts'
import type { Invocation } from './invocation.ts'
import { readInvocation } from './read-invocation.ts'
import type { Table } from './programs/table.ts'
import type { Command, Input, Line, Opened, Reach, Setting } from './types.ts'
import type { Word } from './word.ts'

/** Where in a line something stands, and what that means for what is started there. */
export interface Place {
  readonly reach: Reach
  readonly input: Input
  /** Files that are opened for all of a compound command. */
  readonly opened: readonly Opened[]
  readonly under: Command['under']
  readonly elsewhere: boolean
  /** How many texts it stands in: that of the line itself is one. */
  readonly depth: number
}

/** One command as it is found, before it is known what its words mean to its program. */
export interface FoundCommand {
  readonly words: readonly Word[]
  readonly settings?: readonly Setting[]
  readonly opened?: readonly Opened[]
  readonly source: string
  readonly prints?: boolean
}

type Draft = { -readonly [Key in keyof Command]: Command[Key] }

export const NO_INPUT: Input = { kind: 'none' }

/** In characters: what is longer is asked about, unread. */
export const LONGEST = 8192
const DEEPEST = 8
/** Of a line: what comes behind them is not read. */
export const MOST_COMMANDS = 128
/** Of a line: words in texts in which a command could begin at any of them. */
export const MOST_LOOSE = 256
/**
 * In characters: a word is compared with options and patterns, and may be read again by what it
 * starts.
 */
const WORD_COST = 6

/**
 * What was found so far. Work is bounded: characters that are parsed, words, commands, and how deep
 * they stand in each other.
 */
export class Reading {
  readonly table: Table
  readonly commands: Draft[] = []
  readonly #unclear = new Set<string>()
  readonly #streams: string[] = []
  readonly #loose: LooseWords[] = []
  #loosened = 0
  readonly #shadowed = new Set<string>()
  #everywhere = true
  #budget = 2 * LONGEST
  /** Reads a line that stands in a word. */
  readonly #readText: (text: string, place: Place, reading: Reading) => void

  constructor(table: Table, readText: (text: string, place: Place, reading: Reading) => void) {
    this.table = table
    this.#readText = readText
  }

  done(text: string): Line {
    const sure = this.#everywhere && this.#unclear.size === 0
    if (!sure) for (const command of this.commands) this.#lower(command)
    return {
      text,
      commands: this.commands,
      unclear: [...this.#unclear],
      streams: this.#streams,
      loose: this.#loose,
    }
  }

  /**
   * In a line that some shells refuse nothing is sure, and what may be a function's name is no
   * program.
   */
  #lower(command: Draft): void {
    const shadowed = this.#shadowed.has(command.words[0]?.text ?? '')
    command.reach = shadowed ? 'possible' : within(command.reach)
  }

  /** The line has a syntax that some shells refuse, and then they run nothing of it. */
  notEverywhere(): void {
    this.#everywhere = false
  }

  /** A function of this name: what is called so is no program. */
  shadows(name: string): void {
    this.#shadowed.add(name)
  }

  get #full(): boolean {
    return this.#budget < 0 || this.commands.length >= MOST_COMMANDS
  }

  /** Whether nothing more is read; asked in front of what would be next. */
  stops(): boolean {
    if (this.#full) this.tooMuch()
    return this.#full
  }

  /** There is more than is read. */
  tooMuch(): void {
    this.unclear('it is too long or too deep to be read')
  }

  unclear(why: string): void {
    this.#unclear.add(why)
  }

  /** A text that nobody can take apart: anything in it may be a command. */
  unreadable(text: string): void {
    this.unclear('it cannot be parsed')
    this.loosely(text)
  }

  /** A pipeline in which something is run that was written by another part of it. */
  stream(text: string, depth: number): void {
    if (this.spends(text.length, depth)) this.#streams.push(text)
  }

  /** Whether so many characters or words, so deep, may still be read. */
  spends(many: number, depth: number): boolean {
    this.#budget -= many
    if (!this.#full && depth <= DEEPEST) return true
    this.tooMuch()
    return false
  }

  /** A text in which a command could begin at any word. */
  loosely(text: string | undefined): void {
    if (text === undefined) return
    const words = text.split(/[\s'"`;|&(){}<>,=]+/).filter((word) => word !== '')
    this.#loosen(words)
  }

  /** What comes behind the most is not looked at by all that asks or blocks. */
  #loosen(words: readonly string[]): void {
    if (words.length === 0) return
    this.#loose.push(new LooseWords(words, this.table))
    this.#loosened += words.length
    if (this.#loosened > MOST_LOOSE) this.tooMuch()
  }

  /** Takes down a command, and everything that it starts. */
  start(found: FoundCommand, place: Place): Command | undefined {
    if (!this.spends(1 + WORD_COST * found.words.length, place.depth)) return undefined
    const { words, settings = [], opened = [], source, prints = false } = found
    const invocation = readInvocation(words, this.table)
    const reads = runsInput(invocation)
    const command: Command = {
      words,
      invocation,
      settings,
      opened: [...place.opened, ...opened],
      source,
      prints,
      reach: place.reach,
      under: place.under,
      elsewhere: place.elsewhere,
      input: place.input,
      runsInput: reads,
    }
    this.commands.push(command)
    this.#notice(command, place)
    const inner = { ...place, reach: within(place.reach), depth: place.depth + 1 }
    for (const { name, value } of settings)
      if (isNamed(name, this.table.variables))
        this.#child({ kind: 'line', text: value.text, at: 0 }, command, inner)
    for (const child of childrenOf(words, invocation)) this.#child(child, command, inner)
    const elsewhere = place.elsewhere || invocation.node?.elsewhere === true
    if (reads) this.#input(command, { ...inner, elsewhere })
    return command
  }

  /** What cannot be told of a command alone. */
  #notice({ words, invocation }: Command, { depth }: Place): void {
    if (invocation.program?.shell === true) this.unclear('it changes what other commands mean')
    if (words.length > 0 && invocation.name === undefined)
      this.unclear('what it runs depends on the shell')
    // Also a verb that nobody knows may start what its words say.
    const isKnown = invocation.program !== undefined && !hasUnknownVerb(invocation)
    if (isKnown || words.length === 0) return
    if (!this.spends(words.length, depth)) return
    const texts = words.flatMap(({ text, source }, i) => (i === 0 ? [] : [text ?? source]))
    this.#loosen(texts)
    for (const text of words.map((word) => word.text ?? ''))
      if (/[\s;|&(`]/.test(text)) this.loosely(text)
  }

  #child(child: Child, command: Command, place: Place): void {
    const elsewhere = place.elsewhere || command.invocation.node?.elsewhere === true
    const inner = { ...place, elsewhere, under: { command, at: child.at } }
    if (child.kind === 'code') this.loosely(child.text)
    else if (child.kind === 'words') {
      const source = child.words.map((word) => word.source).join(' ')
      if (child.words.length > 0) this.start({ words: child.words, source }, inner)
    } else if (child.text === undefined) this.unclear('what it runs depends on the shell')
    else {
      const reach = child.perhaps === true ? 'possible' : inner.reach
      this.#readText(child.text, { ...inner, reach }, this)
    }
  }

  /** A shell, or an interpreter, that runs what it is sent. */
  #input(command: Command, place: Place): void {
    const { input, invocation } = command
    if (invocation.node?.stdin === 'code') {
      if (input.kind === 'text') this.loosely(input.text)
      return
    }
    const inner = { ...place, under: { command, at: command.words.length } }
    if (input.kind === 'text') this.#readText(input.text, { ...inner, input: NO_INPUT }, this)
    else if (input.kind !== 'none' || !place.elsewhere)
      this.unclear(
        input.kind === 'none' ? 'a shell reads commands' : 'a shell runs what it is sent',
      )
  }
}

function hasUnknownVerb({ doubts }: Invocation): boolean {
  return doubts.some(({ why }) => why === 'verb')
}

/** How surely something is started that a command, or the shell for it, starts. */
export function within(reach: Reach): Reach {
  return reach === 'possible' ? 'possible' : 'reached'
}

/** Whether one of these patterns is about a variable. */
export function isNamed(name: string, patterns: readonly string[]): boolean {
  return patterns.some((pattern) =>
    pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern,
  )
}

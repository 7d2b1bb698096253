import {
  forEachChild,
  type Command as CommandSyntax,
  type ParsedScript,
  type Pipeline,
  type Redirection,
  type Statement,
  type SyntaxNode,
  type Time,
  type Word as WordSyntax,
} from 'unbash'
import { DIFFERS, goesOn, hasGaps, oddity, testedWords, timeWords } from './dialects.ts'
import { hereDocumentText, onlyDocument, printedBy, printedDocument } from './documents.ts'
import { oddityOfLoop } from './loops.ts'
import { noticeBareSeparators, noticeOddText, parsed } from './parsed.ts'
import { readRedirections, type Redirected } from './redirections.ts'
import { isNamed, LONGEST, NO_INPUT, within, type Place, type Reading } from '../reading.ts'
import type { Command, Setting } from '../types.ts'
import { aside, isPlain, onlyReached, type Spot } from './spots.ts'
import { constant, open, readWord, type Word } from '../word.ts'

const MOST_DOCUMENTS = 32

/** Reads a line of shell into what was found so far. Never throws. */
export function readShell(text: string, place: Place, reading: Reading): void {
  if (text.length > LONGEST || text.split('<<').length > MOST_DOCUMENTS) return reading.tooMuch()
  if (!reading.spends(text.length, place.depth)) return
  let script: ParsedScript
  try {
    script = parsed(text)
  } catch {
    return reading.unreadable(text)
  }
  noticeBareSeparators(text, reading)
  noticeOddText(text, script, reading)
  new ShellReader(text, reading).script(script, { ...place, flow: { sure: true } })
}

/** One text of shell. */
class ShellReader {
  readonly #text: string
  readonly #reading: Reading
  readonly #functions = new Map<string, SyntaxNode[]>()

  constructor(text: string, reading: Reading) {
    this.#text = text
    this.#reading = reading
  }

  script(script: ParsedScript, spot: Spot): void {
    if ((script.errors?.length ?? 0) > 0) return this.#reading.unreadable(this.#text)
    // Escaped backticks are decoded into a text of their own.
    if (script.source !== undefined) noticeBareSeparators(script.source, this.#reading)
    this.#statements(script.commands, spot)
    if (this.#functions.size > 0) this.#bodies(spot)
  }

  #statements(statements: readonly Statement[], spot: Spot): void {
    for (const { command, background } of statements)
      this.#node(command, background === true ? aside(spot) : spot)
  }

  /** A part of a line that may be a command. Answers the command where it is a plain one. */
  #node(node: SyntaxNode, spot: Spot): Command | undefined {
    if (this.#reading.stops()) return undefined
    switch (node.type) {
      case 'Command':
        return this.#command(node, spot)
      case 'Pipeline':
        this.#pipeline(node, spot)
        return undefined
      case 'AndOr':
        node.commands.forEach((each, i) => this.#node(each, i === 0 ? spot : onlyReached(spot)))
        return undefined
      case 'Redirected': {
        const { input, opened } = this.#redirections(node.redirects, spot)
        this.#node(node.command, {
          ...onlyReached(spot),
          input: input ?? spot.input,
          opened: [...spot.opened, ...opened],
        })
        return undefined
      }
      default:
        this.#compound(node, spot)
        return undefined
    }
  }

  #compound(node: SyntaxNode, spot: Spot): void {
    switch (node.type) {
      case 'Subshell':
        // Two parentheses may begin a calculation, and a shell that finds none reads what it
        // changed already.
        if (this.#text.startsWith('((', node.pos)) this.#reading.unclear(DIFFERS)
        return this.#statements(node.body.commands, { ...spot, flow: { ...spot.flow } })
      case 'BraceGroup':
        return this.#statements(node.body.commands, spot)
      case 'If':
        return this.#branches(node, spot)
      case 'While':
        this.#statements(node.clause.commands, spot)
        this.#statements(node.body.commands, onlyReached(spot))
        // It may never end.
        spot.flow.sure = false
        return
      case 'For':
        this.#doubt(oddityOfLoop(node.name.value, this.#all(node.wordlist ?? [], spot)))
        return this.#statements(node.body.commands, onlyReached(spot))
      case 'Case':
        return this.#cases(node, spot)
      default:
        return this.#odd(node, spot)
    }
  }

  #cases(node: Extract<SyntaxNode, { type: 'Case' }>, spot: Spot): void {
    this.#inside(node.word, spot)
    for (const { pattern, body, terminator } of node.items) {
      for (const word of pattern) this.#inside(word, spot)
      this.#statements(body.commands, onlyReached(spot))
      if (/&/.test(terminator ?? '')) this.#reading.notEverywhere()
    }
  }

  #branches(node: Extract<SyntaxNode, { type: 'If' }>, spot: Spot): void {
    this.#statements(node.clause.commands, spot)
    for (const list of [node.then, ...node.elif.flatMap((e) => [e.clause, e.then]), node.else])
      if (list !== undefined) this.#statements(list.commands, onlyReached(spot))
  }

  /** What only some shells know, or what changes what other commands mean. */
  #odd(node: SyntaxNode, spot: Spot): void {
    spot.flow.sure = false
    if (node.type === 'Function') {
      this.#reading.unclear('it defines a function')
      const { value } = node.name
      this.#reading.shadows(value)
      this.#functions.set(value, [...(this.#functions.get(value) ?? []), node.body])
      return
    }
    if (node.type === 'TestCommand' && this.#test(node, spot)) return
    this.#reading.unclear(oddity(node) ?? DIFFERS)
    const inner = onlyReached(spot)
    forEachChild(node, (child) => {
      if (child.type === 'CompoundList') this.#statements(child.commands, inner)
      else if (node.type === 'Coproc' && child.type !== 'Word') this.#node(child, inner)
      else this.#inside(child, spot)
    })
  }

  /** `[[ -f x ]]`, which is a command of that name to a shell that does not know it. */
  #test(node: Extract<SyntaxNode, { type: 'TestCommand' }>, spot: Spot): boolean {
    const words = testedWords(node)
    if (words === undefined) return false
    const read = [constant('[['), ...this.#all(words, spot), constant(']]')]
    const source = this.#text.slice(node.pos, node.end)
    this.#reading.start({ words: read, source }, onlyReached(spot))
    return true
  }

  #pipeline({ commands, prefixes, operators }: Pipeline, spot: Spot): void {
    if (operators.includes('|&') || prefixes.length > 1) this.#reading.notEverywhere()
    const time = prefixes.find(({ type }) => type === 'Time')
    if (time !== undefined && commands[0]?.type !== 'Command') this.#reading.unclear(DIFFERS)
    // A command by itself runs in this shell, also one that is timed: it may end the shell.
    const alone = commands.length === 1
    let input = spot.input
    commands.forEach((node, i) => {
      const from = this.#reading.commands.length
      const own = alone ? spot : { ...spot, input, flow: { ...spot.flow } }
      const command =
        i === 0 && time !== undefined && node.type === 'Command'
          ? this.#command(node, onlyReached(own), timeWords(time as Time))
          : this.#node(node, own)
      const text = command === undefined ? undefined : printedBy(command)
      input = text === undefined ? { kind: 'unknown' } : { kind: 'text', text }
      const made = this.#reading.commands.slice(from)
      if (i === 0 || !made.some((each) => each.runsInput && each.input.kind !== 'none')) return
      const stages = commands.slice(0, i + 1).map(({ pos, end }) => this.#text.slice(pos, end))
      this.#reading.stream(stages.join(' | '), spot.depth)
    })
  }

  /** A plain command; `front` stands before its own words. */
  #command(node: CommandSyntax, spot: Spot, front: readonly Word[] = []): Command | undefined {
    this.#doubt(oddity(node))
    if (hasGaps(node, this.#text)) this.#reading.unclear('it cannot be parsed')
    const { input = spot.input, opened, unsure } = this.#redirections(node.redirects, spot)
    const settings = node.prefix.flatMap((part) =>
      part.type === 'Assignment' ? [this.#setting(part, spot)] : [],
    )
    const words = [...front, ...this.#words(node, spot)]
    const { flow } = spot
    const known = [...words, ...settings.map(({ value }) => value)].every(isPlain)
    const place = flow.sure && !unsure && known ? spot : onlyReached(spot)
    if (!goesOn(words.slice(front.length)) || settings.length > 0) flow.sure = false
    if (words.length + settings.length + opened.length === 0) return undefined
    const source = this.#text.slice(node.pos, node.end)
    return this.#reading.start({ words, settings, opened, source }, { ...place, input })
  }

  /** The words of a command; assignments among them are words of `export` and its like. */
  #words({ name, args }: CommandSyntax, spot: Spot): Word[] {
    const syntax = name === undefined ? [] : [name, ...args]
    return syntax.map((word) => {
      if (word.type === 'Word') {
        this.#inside(word, spot)
        return this.#word(word)
      }
      const { name: key, value } = this.#setting(word, spot)
      return value.text === undefined
        ? open(`${key}=`, word.text)
        : constant(`${key}=${value.text}`, word.text)
    })
  }

  #setting(part: Extract<SyntaxNode, { type: 'Assignment' }>, spot: Spot): Setting {
    forEachChild(part, (child) => this.#inside(child, spot))
    const { name, value, append, index } = part
    const plain = value.type === 'Word' && append !== true && index === undefined
    if (!plain) this.#reading.unclear(DIFFERS)
    const harmless = isNamed(name, this.#reading.table.harmless)
    return { name, value: plain ? this.#word(value) : open('', part.text), harmless }
  }

  #word(word: WordSyntax): Word {
    return readWord(word, printedDocument)
  }

  #redirections(redirections: readonly Redirection[], spot: Spot): Redirected {
    for (const each of redirections) {
      const inner = each.type === 'HereDoc' ? each.body : each.target
      if (each.type === 'HereDoc' && each.delimiter !== undefined)
        this.#doubt(oddity(each.delimiter))
      if (inner !== undefined) this.#inside(inner, spot)
    }
    return readRedirections(redirections, (word) => this.#word(word), this.#reading)
  }

  /** Words, each read once what the shell runs for it is taken down. */
  #all(words: readonly WordSyntax[], spot: Spot): Word[] {
    for (const word of words) this.#inside(word, spot)
    return words.map((word) => this.#word(word))
  }

  #doubt(why: string | undefined): void {
    if (why !== undefined) this.#reading.unclear(why)
  }

  /** What the shell runs to make a word, or a text. */
  #inside(node: SyntaxNode, spot: Spot): void {
    if (node.type === 'Word' && node.parts === undefined) {
      this.#doubt(oddity(node))
      this.#reading.spends(1, spot.depth)
      return
    }
    if (node.type === 'CommandExpansion' || node.type === 'ProcessSubstitution') {
      this.#substitution(node, onlyReached({ ...spot, input: NO_INPUT, opened: [] }))
      return
    }
    this.#doubt(oddity(node))
    if (!this.#reading.spends(1, spot.depth)) return
    forEachChild(node, (child) => this.#inside(child, spot))
  }

  #substitution(
    node: Extract<SyntaxNode, { type: 'CommandExpansion' | 'ProcessSubstitution' }>,
    spot: Spot,
  ): void {
    const depth = spot.depth + 1
    if (node.type === 'ProcessSubstitution') this.#reading.notEverywhere()
    if (node.text.startsWith('$((')) this.#reading.unclear(DIFFERS)
    if (!this.#reading.spends(node.text.length, depth) || node.script === undefined) return
    const { script } = node
    // What follows a here-document inside of a substitution is read in more than one way, even by
    // one shell.
    const document = onlyDocument(script)
    if (document === undefined && node.text.includes('<<')) this.#reading.unclear(DIFFERS)
    const printed = document === undefined ? undefined : hereDocumentText(document)
    if (printed !== undefined && node.type === 'CommandExpansion') {
      const found = { words: [constant('cat')], source: 'cat', prints: true }
      this.#reading.start(found, { ...spot, depth, input: { kind: 'text', text: printed } })
      return
    }
    const text = script.source ?? this.#text
    new ShellReader(text, this.#reading).script(script, { ...spot, depth, flow: { sure: true } })
  }

  /** The bodies of functions: run where they are called by their name. */
  #bodies(spot: Spot): void {
    const called = new Set(this.#reading.commands.map(({ invocation }) => invocation.name))
    for (const [name, bodies] of this.#functions)
      for (const body of bodies) {
        const reach = called.has(name) ? within(spot.reach) : 'possible'
        this.#node(body, { ...spot, reach, flow: { sure: false } })
      }
  }
}

import type { Table } from '../../command-analysis/table.ts'
import { banOf, couldBeAmong, couldMeet, meets, type Ban } from '../../command-analysis/meets.ts'
import type { Command } from '../../command-analysis/types.ts'
import { patternOf, Texts, type Pattern } from './pattern.ts'
import type { OperatorPolicy } from './types.ts'
import type { Spellings, View } from './view.ts'
import { wideOf, type Wide } from './wide.ts'
import { onlyText } from './yes.ts'

/** What asks or blocks: a pattern of `*`, as a text and as a command, or a regular expression. */
export interface No {
  readonly target: string
  readonly pattern: Pattern | undefined
  readonly exact: string | undefined
  readonly wide: Wide
  /** The target as a command. */
  readonly ban: Ban | undefined
  /** Whether its text may stand anywhere in an action: then only the text says for sure that it does. */
  readonly anywhere: boolean
  /** Whether it speaks of pipelines. */
  readonly aboutStreams: boolean
}

export function noOf(
  { target = '*', pattern: source }: Pick<OperatorPolicy, 'target' | 'pattern'>,
  table: Table,
): No {
  const pattern = source === undefined ? undefined : patternOf(source)
  return {
    target,
    pattern,
    exact: pattern === undefined ? onlyText(target) : undefined,
    wide: wideOf(target),
    anywhere: target.startsWith('*'),
    aboutStreams: source === undefined ? target.includes('|') : source.includes('\\|'),
    ban: pattern === undefined ? banOf(target.replace(/^\*+/, ''), table) : undefined,
  }
}

/** Whether an action is what is meant: certainly, possibly, or not at all. */
export type Found = 'surely' | 'perhaps' | 'no'

export function foundIn(no: No, view: View, texts: TextsOf): Found {
  if (no.exact !== undefined && no.exact === view.action.target) return 'surely'
  const streams = no.aboutStreams && view.line !== undefined
  if (no.pattern !== undefined) return byPattern(no.pattern, texts, streams)
  if (streams) return inStreams(no, view)
  if (isIn(no.target, view.certain, no.wide)) return 'surely'
  const by = byCommands(no, view)
  return by === 'no' && isIn(no.target, view.possible, no.wide) ? 'perhaps' : by
}

function byPattern(pattern: Pattern, texts: TextsOf, streams: boolean): Found {
  if (texts.tooMany()) return 'perhaps'
  if (pattern.found(streams ? texts.streams() : texts.certain())) return 'surely'
  const possible = pattern.found(texts.possible()) || (streams && pattern.found(texts.certain()))
  return possible ? 'perhaps' : 'no'
}

/** A pattern with a `|` is about what is piped into something that runs it; where it is only text, it could be. */
function inStreams({ target, wide }: No, { line, certain, possible }: View): Found {
  const streams = { wholes: line?.streams ?? [], starts: [] }
  if (isIn(target, streams, wide)) return 'surely'
  return isIn(target, certain, wide) || isIn(target, possible, wide) ? 'perhaps' : 'no'
}

/** A star may stand for anything, and every spelling counts. */
function isIn(pattern: string, { wholes, starts }: Spellings, test: Wide): boolean {
  return (
    wholes.some((text) => test.test(text, 0)) ||
    (!pattern.startsWith('*') && starts.some(({ text, from }) => test.test(text, from)))
  )
}

function byCommands({ ban, anywhere }: No, { line, table }: View): Found {
  if (ban === undefined || line === undefined) return 'no'
  let perhaps = line.loose.some((words) => couldBeAmong(ban, words))
  for (const command of line.commands) {
    if (!meets(ban, command)) perhaps ||= couldBecome(ban, command, table)
    else if (anywhere || command.reach === 'possible') perhaps = true
    else return 'surely'
  }
  return perhaps ? 'perhaps' : 'no'
}

function couldBecome(ban: Ban, { invocation, words }: Command, table: Table): boolean {
  const texts = words.map(({ text }) => text)
  const doubtful = invocation.doubts.length > 0 || texts.includes(undefined)
  return doubtful && couldMeet(ban, texts, table)
}

/** Texts as regular expressions read them, made when the first one asks. */
export class TextsOf {
  readonly #view: View
  #certain: Texts | undefined
  #possible: Texts | undefined

  constructor(view: View) {
    this.#view = view
  }

  tooMany(): boolean {
    return this.certain().tooMany || this.possible().tooMany
  }

  certain(): Texts {
    return (this.#certain ??= new Texts(this.#view.certain))
  }

  streams(): Texts {
    return new Texts({ wholes: this.#view.line?.streams ?? [], starts: [] })
  }

  possible(): Texts {
    return (this.#possible ??= new Texts(this.#view.possible))
  }
}

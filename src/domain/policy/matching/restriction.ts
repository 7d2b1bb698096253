import type { Table } from '../../../command-analysis/programs/table.ts'
import {
  banOf,
  couldBeAmong,
  couldMeet,
  meets,
  type Ban,
} from '../../../command-analysis/patterns/meets.ts'
import type { Command, Line } from '../../../command-analysis/types.ts'
import { patternOf, PatternTexts, type Pattern } from './pattern.ts'
import type { OperatorPolicy } from '../types.ts'
import { SearchBudget } from './search-budget.ts'
import type { Spellings, ActionView } from './view.ts'
import { wildcardOf, type Wildcard } from './wildcard.ts'
import { onlyText } from './permission.ts'

/**
 * A target that asks or blocks: a pattern with `*`, as a text and as a command, or a regular
 * expression.
 */
export interface Restriction {
  readonly target: string
  readonly pattern: Pattern | undefined
  readonly exact: string | undefined
  readonly wildcard: Wildcard
  /** The target as a command. */
  readonly ban: Ban | undefined
  /** Whether it begins with a star: then a command that matches is not certainly what is meant. */
  readonly hasLeadingStar: boolean
  /** Whether it is about pipelines. */
  readonly isAboutPipes: boolean
}

export function restrictionOf(
  { target = '*', pattern: source }: Pick<OperatorPolicy, 'target' | 'pattern'>,
  table: Table,
): Restriction {
  const pattern = source === undefined ? undefined : patternOf(source)
  return {
    target,
    pattern,
    exact: pattern === undefined ? onlyText(target) : undefined,
    wildcard: wildcardOf(target),
    hasLeadingStar: target.startsWith('*'),
    isAboutPipes: source === undefined ? target.includes('|') : source.includes('\\|'),
    ban: pattern === undefined ? banOf(target.replace(/^\*+/, ''), table) : undefined,
  }
}

/** Whether an action is what a restriction means. */
export type Likelihood = 'certain' | 'possible' | 'none'

/** How likely it is that an action is what a restriction means. */
export function matchRestriction(
  restriction: Restriction,
  view: ActionView,
  texts: ActionTexts,
): Likelihood {
  const { exact, pattern, isAboutPipes } = restriction
  if (exact !== undefined && exact === view.action.target) return 'certain'
  const hasPipes = isAboutPipes && view.line !== undefined
  if (pattern !== undefined) return matchPattern(pattern, texts, hasPipes)
  if (hasPipes) return matchPipes(restriction, view)
  if (matchesAny(restriction, view.certain)) return 'certain'
  const byCommands = matchCommands(restriction, view, texts.budget)
  return byCommands === 'none' && matchesAny(restriction, view.possible) ? 'possible' : byCommands
}

function matchPattern(pattern: Pattern, texts: ActionTexts, hasPipes: boolean): Likelihood {
  if (texts.tooMany()) return 'possible'
  const isFound = pattern.found(hasPipes ? texts.streams() : texts.certain())
  if (texts.budget.isSpent) return 'possible'
  if (isFound) return 'certain'
  const isPossible = pattern.found(texts.possible()) || (hasPipes && pattern.found(texts.certain()))
  return isPossible ? 'possible' : 'none'
}

/**
 * A `|` is about what is piped into something that runs it. Where it is only text, it is possible.
 */
function matchPipes(restriction: Restriction, { line, certain, possible }: ActionView): Likelihood {
  if (matchesAny(restriction, { wholes: line?.streams ?? [], starts: [] })) return 'certain'
  if (line !== undefined && isUnderstood(line)) return 'none'
  const isPossible = matchesAny(restriction, certain) || matchesAny(restriction, possible)
  return isPossible ? 'possible' : 'none'
}

/** Whether it is known of each of its commands what becomes of what it is sent. */
function isUnderstood({ unclear, loose, commands }: Line): boolean {
  return (
    unclear.length + loose.length === 0 &&
    commands.every(
      ({ invocation, input }) => invocation.program !== undefined || input.kind === 'none',
    )
  )
}

/** Whether any spelling matches. A star matches anything. */
function matchesAny(
  { wildcard, hasLeadingStar }: Restriction,
  { wholes, starts }: Spellings,
): boolean {
  return (
    wholes.some((text) => wildcard.test(text, 0)) ||
    (!hasLeadingStar && starts.some(({ text, from }) => wildcard.test(text, from)))
  )
}

/** In characters: a word is compared with words and options of a pattern. */
const WORD_COST = 4

function matchCommands(
  { ban, hasLeadingStar }: Restriction,
  { line, table }: ActionView,
  budget: SearchBudget,
): Likelihood {
  if (ban === undefined || line === undefined) return 'none'
  let isPossible = line.loose.some((loose) => {
    const { length } = loose.placesOf(ban.name)
    return (
      length > 0 &&
      (!budget.spends(WORD_COST * length * loose.words.length) || couldBeAmong(ban, loose))
    )
  })
  for (const command of line.commands) {
    if (!meets(ban, command)) isPossible ||= couldBecome(ban, command, table)
    else if (hasLeadingStar || command.reach === 'possible') isPossible = true
    else return 'certain'
  }
  return isPossible ? 'possible' : 'none'
}

function couldBecome(ban: Ban, { invocation, words }: Command, table: Table): boolean {
  const texts = words.map(({ text }) => text)
  const doubtful = invocation.doubts.length > 0 || texts.includes(undefined)
  return doubtful && couldMeet(ban, texts, table)
}

/** The texts of an action for regular expressions, made when the first one needs them. */
export class ActionTexts {
  readonly budget = new SearchBudget()
  readonly #view: ActionView
  #certain: PatternTexts | undefined
  #possible: PatternTexts | undefined

  constructor(view: ActionView) {
    this.#view = view
  }

  tooMany(): boolean {
    return this.budget.isSpent || this.certain().tooMany || this.possible().tooMany
  }

  /** Whether all of these may be in one of the texts. */
  mayContain(trigrams: readonly number[]): boolean {
    return [this.certain(), this.possible()].some(
      (texts) => texts.tooMany || texts.trigrams.mayContain(trigrams),
    )
  }

  certain(): PatternTexts {
    return (this.#certain ??= new PatternTexts(this.#view.certain, this.budget))
  }

  streams(): PatternTexts {
    return new PatternTexts({ wholes: this.#view.line?.streams ?? [], starts: [] }, this.budget)
  }

  possible(): PatternTexts {
    return (this.#possible ??= new PatternTexts(this.#view.possible, this.budget))
  }
}

import type { RE2JS } from 're2js'
import { Fault } from '../../../base/fault.ts'
import { patternHeads } from './pattern-heads.ts'
import { ASCII_ONLY, takeNeeds, withCase, type PatternNeeds } from './pattern-needs.ts'
import { SearchBudget } from './search-budget.ts'
import type { Spellings, TextStart } from './view.ts'
import { Trigrams } from './wildcard.ts'

/**
 * A regular expression for targets. Its engine reads each character once and never goes back, so
 * its time grows linearly with the text, whatever the expression.
 */
export interface Pattern {
  /**
   * For restrictions: whether it is found in any spelling. `^` is every place where a command could
   * begin.
   */
  found(texts: PatternTexts): boolean
  /** For permissions: whether it matches a whole text. */
  whole(text: string): boolean
}

export const PATTERN_LIMITS = { characters: 512, instructions: 512 } as const

/**
 * Characters of all spellings that are searched. Where there are more, every pattern possibly
 * matches.
 */
const MAX_CHARACTERS = 12 * 1024

type Engine = Pick<typeof RE2JS, 'compile' | 'DOTALL'>
let engine: Engine | undefined

/**
 * To be awaited before patterns are compiled. The engine is loaded only if a policy has a pattern.
 */
export async function readyForPatterns(): Promise<void> {
  engine ??= (await import('re2js')).RE2JS
}

/** Whether a text may contain patterns. */
export function mayHavePatterns(text: string): boolean {
  return text.includes('pattern')
}

/** A compiled pattern. Fault `policies.invalid`. */
export function patternOf(source: string): Pattern {
  const ready = compiled(source)
  if ('text' in ready)
    throw new Fault('policies.invalid', `the pattern ${source} cannot be used: ${ready.text}`, {
      hint: ready.fix,
    })
  const { all, body, needs } = ready
  const heads = patternHeads(source)
  const search: (texts: PatternTexts) => boolean =
    heads !== undefined
      ? searchAtHeads(all, heads)
      : (texts) =>
          texts.wholes.some((text) => texts.tests(all, text)) ||
          (body !== undefined && foundAtStart(all, body, texts))
  return {
    whole: (text) => all.testExact(text),
    found: (texts) => texts.mayMeet(needs) && search(texts),
  }
}

/** What is wrong with a pattern, and how to fix it; undefined if it can be used. */
export function patternProblem(source: string): PatternProblem | undefined {
  const ready = compiled(source)
  return 'text' in ready ? ready : undefined
}

/**
 * The texts that patterns are compared with, and the positions in them where a command could begin.
 */
export class PatternTexts {
  readonly wholes: readonly string[]
  readonly inside: readonly string[]
  readonly starts: Spellings['starts']
  readonly #budget: SearchBudget
  #byChar: Map<string, TextStart[]> | undefined
  #trigrams: Trigrams | undefined
  #folded: Trigrams | 'unknown' | undefined
  /** Whether there is more text than is searched. */
  readonly tooMany: boolean

  constructor({ wholes, starts }: Spellings, budget = new SearchBudget()) {
    this.#budget = budget
    this.wholes = wholes
    this.starts = starts
    this.inside = [...new Set(starts.map(({ text }) => text))]
    this.tooMany =
      [...wholes, ...this.inside].reduce((sum, { length }) => sum + length, 0) > MAX_CHARACTERS
  }

  /** Whether an expression is found in a text; also where nothing more may be searched. */
  tests(expression: RE2JS, text: string): boolean {
    return !this.#budget.spends(text.length) || expression.test(text)
  }

  /** Whether there may be what every match of a pattern contains. */
  mayMeet(needs: PatternNeeds | undefined): boolean {
    if (needs === undefined) return true
    if (!needs.folded) return needs.isMet(this.trigrams)
    this.#folded ??= foldedTrigrams([...this.wholes, ...this.inside])
    return this.#folded === 'unknown' || needs.isMet(this.#folded)
  }

  /** Those of all the texts. */
  get trigrams(): Trigrams {
    return (this.#trigrams ??= new Trigrams([...this.wholes, ...this.inside]))
  }

  /** The positions at which a command could begin, with this character. */
  startsWith(char: string): readonly TextStart[] {
    this.#byChar ??= Map.groupBy(
      [...this.wholes.map((text) => ({ text, from: 0 })), ...this.starts],
      ({ text, from }) => text[from] as string,
    )
    return this.#byChar.get(char) ?? []
  }
}

/** Those of texts in lower case, where nothing in them is more than ASCII. */
function foldedTrigrams(texts: readonly string[]): Trigrams | 'unknown' {
  return texts.every((text) => ASCII_ONLY.test(text))
    ? new Trigrams(texts.map((text) => text.toLowerCase()))
    : 'unknown'
}

/**
 * A pattern with `^`, at every position where a command could begin. A text in which the pattern
 * without its `^` is not found can be skipped.
 */
function foundAtStart(all: RE2JS, body: RE2JS, texts: PatternTexts): boolean {
  const near = new Set(texts.inside.filter((text) => texts.tests(body, text)))
  if (near.size === 0) return false
  return texts.starts.some(({ text, from }) => near.has(text) && texts.tests(all, text.slice(from)))
}

/**
 * A pattern with `^` that begins with one of some known texts: only positions of these are
 * compared.
 */
function searchAtHeads(all: RE2JS, heads: readonly string[]): (texts: PatternTexts) => boolean {
  const byChar = [...Map.groupBy(heads, (head) => head[0] as string)]
  return (texts) =>
    byChar.some(([char, begun]) =>
      texts
        .startsWith(char)
        .some(
          ({ text, from }) =>
            begun.some((head) => text.startsWith(head, from)) &&
            texts.tests(all, from === 0 ? text : text.slice(from)),
        ),
    )
}

const remembered = new Map<string, Compiled>()
const MAX_REMEMBERED = 1024

/** Patterns are remembered: one is checked, tested by the cases of its pack, and then used. */
function compiled(source: string): Compiled {
  const known = remembered.get(source)
  if (known !== undefined || engine === undefined)
    return (
      known ?? {
        text: 'the engine for patterns is not loaded yet',
        fix: 'Write the key `pattern` without escapes.',
      }
    )
  if (remembered.size >= MAX_REMEMBERED) remembered.clear()
  const fresh = compile(engine, source)
  remembered.set(source, fresh)
  return fresh
}

type Compiled =
  | { all: RE2JS; body: RE2JS | undefined; needs: PatternNeeds | undefined }
  | PatternProblem
interface PatternProblem {
  text: string
  fix: string
}

function compile(re2: Engine, source: string): Compiled {
  if (source.length > PATTERN_LIMITS.characters)
    return {
      text: `it has ${source.length} characters, and at most ${PATTERN_LIMITS.characters} are allowed`,
      fix: 'Write several policies instead.',
    }
  const misplaced = misplacedStart(source)
  if (misplaced !== undefined) return misplaced
  const body = source.replace(START, '$1')
  // A dot also matches a line break: otherwise a line break would hide what follows it.
  try {
    const all = re2.compile(source, re2.DOTALL)
    if (all.programSize() > PATTERN_LIMITS.instructions)
      return {
        text: `it needs ${all.programSize()} instructions, and at most ${PATTERN_LIMITS.instructions} are allowed`,
        fix: 'Repeat less, or write several policies instead.',
      }
    const inner = body === source ? undefined : re2.compile(body, re2.DOTALL)
    if (inner !== undefined) takeNeeds(inner)
    return { all, body: inner, needs: takeNeeds(all) ?? foldedNeeds(re2, source) }
  } catch (thrown) {
    return refused(source, thrown)
  }
}

function foldedNeeds(re2: Engine, source: string): PatternNeeds | undefined {
  const cased = withCase(source)
  try {
    return cased === undefined ? undefined : takeNeeds(re2.compile(cased, re2.DOTALL), true)
  } catch {
    return undefined
  }
}

/** A `^` at the beginning, after settings such as `(?i)`. */
const START = /^(\(\?[is]+\))?(?:\^|\\A)/

/** A `^` elsewhere could not mean every place where a command begins. */
function misplacedStart(source: string): PatternProblem | undefined {
  const multiline = /\(\?[a-zA-Z]*m/.exec(source)
  if (multiline !== null)
    return {
      text: `character ${multiline.index + 1}: a target is one text, so (?m) is not supported`,
      fix: 'Leave the m out.',
    }
  const first = START.exec(source)?.[0].length ?? 0
  const rest = source
    .slice(first)
    .replace(/\\A|\\Q.*?(?:\\E|$)|\\.|\[\^?\]?(?:\\.|\[:\^?[a-z]+:\]|[^\]\\])*\]/gs, (part) =>
      part === '\\A' ? '^^' : '.'.repeat(part.length),
    )
  const at = rest.indexOf('^')
  if (at < 0) return undefined
  return {
    text: `character ${first + at + 1}: ^ is only supported at the beginning`,
    fix: 'Write ^(?:one|other), or several policies.',
  }
}

const MESSAGES: readonly [RegExp, string][] = [
  [/^\(\?(?:<?[=!])/, 'looking ahead or behind (?=…) is not supported'],
  [/^\\[1-9]/, 'a reference to a group (\\1) is not supported'],
  [/^\(\?>/, 'an atomic group (?>…) is not supported, and not needed: the engine never goes back'],
]

function refused(source: string, thrown: unknown): PatternProblem {
  const { error = thrown instanceof Error ? thrown.message : String(thrown), input = '' } =
    thrown as { error?: string; input?: string }
  const at = input === '' ? -1 : source.indexOf(input)
  const where = at < 0 ? '' : `character ${at + 1}: `
  const message = MESSAGES.find(([like]) => like.test(at < 0 ? input : source.slice(at)))?.[1]
  return {
    text: `${where}${message ?? `${error}${input === '' ? '' : ` ${input}`}`}`,
    fix: 'Patterns have the syntax of RE2: classes, groups, alternatives and repetitions, but no lookaround and no references.',
  }
}

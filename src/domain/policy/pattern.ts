import type { RE2JS } from 're2js'
import { Fault } from '../../base/fault.ts'
import { patternHeads } from './pattern-heads.ts'
import type { Spellings } from './view.ts'

/**
 * A regular expression over targets, for an engine that reads each character once and never goes back: the time that it
 * takes grows with the text, and no text and no expression can make it grow faster.
 */
export interface Pattern {
  /** For being careful: whether it is found in any spelling, where `^` is wherever a command could begin. */
  found(texts: Texts): boolean
  /** For saying yes: whether it is all of a text. */
  whole(text: string): boolean
}

export const PATTERN_LIMITS = { characters: 512, instructions: 512 } as const

/** Characters of spellings that one pattern is put to. What has more could be meant by every pattern: nobody reads it either. */
const MOST_CHARACTERS = 12 * 1024

type Engine = Pick<typeof RE2JS, 'compile' | 'DOTALL'>
let engine: Engine | undefined

/** To be awaited before patterns are checked or made: the engine is read when the first policy has one, and no sooner. */
export async function readyForPatterns(): Promise<void> {
  engine ??= (await import('re2js')).RE2JS
}

/** Whether a text may hold patterns at all. */
export function mayHavePatterns(text: string): boolean {
  return text.includes('pattern')
}

/** A pattern that was checked before. Faults: `policies.invalid`. */
export function patternOf(source: string): Pattern {
  const ready = compiled(source)
  if ('text' in ready)
    throw new Fault('policies.invalid', `the pattern ${source} cannot be used: ${ready.text}`, {
      hint: ready.fix,
    })
  const { all, body } = ready
  const heads = patternHeads(source)
  if (heads !== undefined)
    return {
      whole: (text) => all.testExact(text),
      found: (texts) => foundBehind(all, heads, texts),
    }
  return {
    whole: (text) => all.testExact(text),
    found: (texts) =>
      texts.wholes.some((text) => all.test(text)) ||
      (body !== undefined && foundAtStart(all, body, texts)),
  }
}

/** What is wrong with a pattern, and what to do; undefined for one that can be used. */
export function patternProblem(source: string): Problem | undefined {
  const ready = compiled(source)
  return 'text' in ready ? ready : undefined
}

/** What patterns are put to: each spelling once, and where inside of them a command could begin. */
export class Texts {
  readonly wholes: readonly string[]
  readonly inside: readonly string[]
  readonly starts: Spellings['starts']
  /** Whether there is more of it than is read. */
  readonly tooMany: boolean

  constructor({ wholes, starts }: Spellings) {
    this.wholes = wholes
    this.starts = starts
    this.inside = [...new Set(starts.map(({ text }) => text))]
    this.tooMany =
      [...wholes, ...this.inside].reduce((sum, { length }) => sum + length, 0) > MOST_CHARACTERS
  }
}

/**
 * A pattern with `^`, wherever inside of a text a command could begin. What it says without its `^` is in no text: then it is
 * behind no beginning either, and none of the many beginnings has to be looked at.
 */
function foundAtStart(all: RE2JS, body: RE2JS, { inside, starts }: Texts): boolean {
  const near = new Set(inside.filter((text) => body.test(text)))
  if (near.size === 0) return false
  let left = MOST_CHARACTERS
  for (const { text, from } of starts) {
    if (!near.has(text)) continue
    left -= text.length - from
    if (left < 0 || all.test(text.slice(from))) return true
  }
  return false
}

/** A pattern with `^` whose first words are known: only what begins with one of them is looked at. */
function foundBehind(all: RE2JS, heads: readonly string[], { wholes, starts }: Texts): boolean {
  const begins = (text: string, from: number): boolean =>
    heads.some((head) => text.startsWith(head, from))
  if (wholes.some((text) => begins(text, 0) && all.test(text))) return true
  let left = MOST_CHARACTERS
  for (const { text, from } of starts) {
    if (!begins(text, from)) continue
    left -= text.length - from
    if (left < 0 || all.test(text.slice(from))) return true
  }
  return false
}

const made = new Map<string, Compiled>()
const REMEMBERED = 1024

/** A pattern is checked, tried on its pack's cases and then used: made once. */
function compiled(source: string): Compiled {
  const known = made.get(source)
  if (known !== undefined || engine === undefined)
    return (
      known ?? {
        text: 'it came before the engine that checks it',
        fix: 'Write `pattern` as it is, without escapes.',
      }
    )
  if (made.size >= REMEMBERED) made.clear()
  const fresh = compile(engine, source)
  made.set(source, fresh)
  return fresh
}

type Compiled = { all: RE2JS; body: RE2JS | undefined } | Problem
export interface Problem {
  text: string
  fix: string
}

function compile(re2: Engine, source: string): Compiled {
  if (source.length > PATTERN_LIMITS.characters)
    return {
      text: `it has ${source.length} characters, at most ${PATTERN_LIMITS.characters} are read`,
      fix: 'Write several policies instead.',
    }
  const misplaced = misplacedStart(source)
  if (misplaced !== undefined) return misplaced
  const body = source.replace(START, '$1')
  // A dot is any character: a line's end is no place to hide what comes behind it.
  try {
    const all = re2.compile(source, re2.DOTALL)
    if (all.programSize() > PATTERN_LIMITS.instructions)
      return {
        text: `it becomes ${all.programSize()} instructions, at most ${PATTERN_LIMITS.instructions} are run`,
        fix: 'Repeat less, or write several policies instead.',
      }
    return { all, body: body === source ? undefined : re2.compile(body, re2.DOTALL) }
  } catch (thrown) {
    return refused(source, thrown)
  }
}

/** A `^` that stands first, behind settings such as `(?i)`. */
const START = /^(\(\?[is]+\))?(?:\^|\\A)/

/** Only a first `^` can mean every beginning of a command. */
function misplacedStart(source: string): Problem | undefined {
  const multiline = /\(\?[a-zA-Z]*m/.exec(source)
  if (multiline !== null)
    return {
      text: `character ${multiline.index + 1}: a target is one text, so there is no (?m)`,
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
    text: `character ${first + at + 1}: ^ stands only at the very beginning`,
    fix: 'For several beginnings write ^(?:one|other), or several policies.',
  }
}

const WORDS: readonly [RegExp, string][] = [
  [
    /^\(\?(?:<?[=!])/,
    'looking ahead or behind (?=…) is not known to an engine that never goes back',
  ],
  [/^\\[1-9]/, 'a reference back to a group (\\1) is not known to an engine that never goes back'],
  [/^\(\?>/, 'an atomic group (?>…) is not known, and not needed: nothing is tried twice'],
]

function refused(source: string, thrown: unknown): Problem {
  const { error = thrown instanceof Error ? thrown.message : String(thrown), input = '' } =
    thrown as { error?: string; input?: string }
  const at = input === '' ? -1 : source.indexOf(input)
  const where = at < 0 ? '' : `character ${at + 1}: `
  const words = WORDS.find(([like]) => like.test(at < 0 ? input : source.slice(at)))?.[1]
  return {
    text: `${where}${words ?? `${error}${input === '' ? '' : ` ${input}`}`}`,
    fix: 'Patterns are those of RE2: classes, groups, alternatives and repetitions, no looking around and no references.',
  }
}

import { globOf } from '../../base/glob.ts'
import { covers, grantOf, lacking, type Grant } from '../../command-analysis/covers.ts'
import type { Need } from '../../command-analysis/hazards.ts'
import { hostMatches } from './address.ts'
import { patternOf, type Pattern } from './pattern.ts'
import type { Action, OperatorPolicy } from './types.ts'
import type { Piece, View } from './view.ts'

type Test = ReturnType<typeof globOf>

/** What allows: a pattern of `*`, or a regular expression. */
export interface Yes {
  readonly target: string
  readonly test: Test
  readonly pattern: Pattern | undefined
  /** The only text that it matches, where it has no wildcard. */
  readonly exact: string | undefined
  /** The target as a command's grant. */
  readonly grant: Grant
}

export function yesOf({
  target = '*',
  pattern: source,
  options,
}: Pick<OperatorPolicy, 'target' | 'pattern' | 'options'>): Yes {
  const pattern = source === undefined ? undefined : patternOf(source)
  return {
    target,
    pattern,
    test: globOf(target),
    exact: pattern === undefined ? onlyText(target) : undefined,
    grant:
      pattern === undefined
        ? grantOf(target, options === 'any')
        : patternGrant(source as string, pattern),
  }
}

/** The pieces of an action that a yes covers; all of them for the very same text. */
export function coveredBy(yes: Yes, { pieces, action }: View): Set<number> {
  if (yes.exact !== undefined && yes.exact === action.target)
    return new Set((pieces ?? [undefined]).keys())
  return new Set((pieces ?? []).flatMap((piece, i) => (saysYes(yes, piece) ? [i] : [])))
}

/** Whether what it covers is all of an action. */
export function isWhole(covered: ReadonlySet<number>, { pieces }: View): boolean {
  return covered.size >= (pieces?.length ?? 1)
}

/** Why a yes that matches a command of an action does not cover it; undefined where there is none of the kind. */
export function shortOf({ grant }: Yes, { pieces = [] }: View): string | undefined {
  for (const piece of pieces) {
    const why = 'part' in piece ? lacking(grant, piece.part) : undefined
    if (why !== undefined) return why
  }
  return undefined
}

/** Whether a yes covers a piece of an action: all of it, and nothing that it does not say. */
function saysYes(yes: Yes, piece: Piece): boolean {
  if ('part' in piece) return covers(yes.grant, piece.part)
  const { target } = piece
  return yes.pattern === undefined
    ? matchesSafely(yes.target, target, yes.test)
    : matchesWhole(yes.pattern, target)
}

/**
 * A star never crosses a control character, never climbs out of a folder (`..`), and never leaves the part of a URL that it
 * stands in for its host.
 */
function matchesSafely(pattern: string, { type, target }: Action, test: Test): boolean {
  if (!test(target, insideLine)) return false
  if (CLIMBS.test(target) && !CLIMBS.test(pattern)) return false
  return (
    type !== 'net' ||
    ((!USERINFO.test(target) || pattern.includes('@')) && hostMatches(pattern, target))
  )
}

/** It climbs out of no folder, and says nothing of addresses: no pattern tells where a host ends. */
function matchesWhole(pattern: Pattern, { type, target }: Action): boolean {
  if (type === 'net' || CLIMBS.test(target)) return false
  return Array.from(target).every(insideLine) && pattern.whole(target)
}

/** The grant of a regular expression: what it spells out is what stands in it letter by letter. */
function patternGrant(source: string, pattern: Pattern): Grant {
  const letters = source.replace(/\\(?=[^A-Za-z0-9])/g, '')
  const spells = (need: Need): boolean => {
    if (need.kind === 'option')
      return [need.given.written, ...(need.given.option?.names ?? [])].some((name) =>
        letters.includes(name),
      )
    return need.kind === 'word' && letters.includes(need.text.slice(0, need.literal))
  }
  return {
    anyOption: false,
    matches: (text) => pattern.whole(text),
    names: spells,
    leadsTo: () => false,
  }
}

const insideLine = (char: string): boolean => !/[\u0000-\u0008\u000a-\u001f\u007f]/.test(char)
const CLIMBS = /(?:^|[\s/\\='":,])(?:\.|%2e){2}(?:$|[\s/\\'":,])/i
const USERINFO = /^(?:[A-Z]+ )?(?:[a-z][a-z0-9+.-]*:\/\/)?[^/?#]*@/

/** The text that a pattern without wildcards stands for; undefined for one that has some. */
export function onlyText(pattern: string): string | undefined {
  let text = ''
  for (let i = 0; i < pattern.length; i++) {
    const char = pattern[i] as string
    if (char === '*' || char === '?') return undefined
    text += char === '\\' && i + 1 < pattern.length ? (pattern[++i] as string) : char
  }
  return text
}

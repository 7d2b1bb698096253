import { globOf } from '../../../base/glob.ts'
import {
  covers as grantCovers,
  grantOf,
  lacking,
  type Grant,
} from '../../../command-analysis/patterns/covers.ts'
import type { Need } from '../../../command-analysis/patterns/hazards.ts'
import { hostMatches } from './address.ts'
import { patternOf, type Pattern } from './pattern.ts'
import type { Action, OperatorPolicy } from '../types.ts'
import type { ActionPiece, ActionView } from './view.ts'

type Test = ReturnType<typeof globOf>

/** A target that allows: a pattern with `*`, or a regular expression. */
export interface Permission {
  readonly target: string
  readonly test: Test
  readonly pattern: Pattern | undefined
  /** The only text that it matches, where it has no wildcard. */
  readonly exact: string | undefined
  /** The commands that it allows. */
  readonly grant: Grant
}

export function permissionOf({
  target = '*',
  pattern: source,
  options,
}: Pick<OperatorPolicy, 'target' | 'pattern' | 'options'>): Permission {
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

/** The pieces of an action that a permission covers. Exactly the same text covers all of them. */
export function coveredPieces(permission: Permission, { pieces, action }: ActionView): Set<number> {
  if (permission.exact !== undefined && permission.exact === action.target)
    return new Set((pieces ?? [undefined]).keys())
  return new Set((pieces ?? []).flatMap((piece, i) => (covers(permission, piece) ? [i] : [])))
}

/** Whether these pieces are all of an action. It has at least one. */
export function coversAll(covered: ReadonlySet<number>, view: ActionView): boolean {
  return covered.size > 0 && covered.size >= (view.pieces?.length ?? 1)
}

/**
 * What a permission that matches a command of an action does not cover; undefined if there is no
 * such command.
 */
export function missingFor({ grant }: Permission, { pieces = [] }: ActionView): string | undefined {
  for (const piece of pieces) {
    const why = 'part' in piece ? lacking(grant, piece.part) : undefined
    if (why !== undefined) return why
  }
  return undefined
}

/** Whether a permission covers a whole piece of an action. */
function covers(permission: Permission, piece: ActionPiece): boolean {
  if ('part' in piece) return grantCovers(permission.grant, piece.part)
  const { target } = piece
  return permission.pattern === undefined
    ? matchesTarget(permission, target)
    : matchesWhole(permission.pattern, target)
}

/**
 * Whether a target matches. A star matches no control character and no way to a parent folder
 * (`..`), and in an address a star for the host matches nothing but the host.
 */
function matchesTarget(
  { target: pattern, test }: Pick<Permission, 'target' | 'test'>,
  { type, target }: Action,
): boolean {
  if (!test(target, isPrintable)) return false
  if (PARENT_FOLDER.test(target) && !PARENT_FOLDER.test(pattern)) return false
  return (
    type !== 'net' ||
    ((!USERINFO.test(target) || pattern.includes('@')) && hostMatches(pattern, target))
  )
}

/** Never for an address: a regular expression does not know where a host ends. */
function matchesWhole(pattern: Pattern, { type, target }: Action): boolean {
  if (type === 'net' || PARENT_FOLDER.test(target)) return false
  return Array.from(target).every(isPrintable) && pattern.whole(target)
}

/**
 * The commands that a regular expression allows. It names an option or word by its plain letters.
 */
function patternGrant(source: string, pattern: Pattern): Grant {
  const letters = source.replace(/\\(?=[^A-Za-z0-9])/g, '')
  const isNamed = (need: Need): boolean => {
    if (need.kind === 'option')
      return [need.given.written, ...(need.given.option?.names ?? [])].some((name) =>
        letters.includes(name),
      )
    return need.kind === 'word' && letters.includes(need.text.slice(0, need.literal))
  }
  return {
    anyOption: false,
    matches: (text) => pattern.whole(text),
    names: isNamed,
    leadsTo: () => false,
    means: () => false,
    machines: [],
  }
}

const isPrintable = (char: string): boolean => !/[\u0000-\u0008\u000a-\u001f\u007f]/.test(char)
const PARENT_FOLDER = /(?:^|[\s/\\='":,])(?:\.|%2e){2}(?:$|[\s/\\'":,])/i
const USERINFO = /^(?:[A-Z]+ )?(?:[a-z][a-z0-9+.-]*:\/\/)?[^/?#]*@/

/** The text that a pattern without wildcards matches; undefined if it has wildcards. */
export function onlyText(pattern: string): string | undefined {
  let text = ''
  for (let i = 0; i < pattern.length; i++) {
    const char = pattern[i] as string
    if (char === '*' || char === '?') return undefined
    text += char === '\\' && i + 1 < pattern.length ? (pattern[++i] as string) : char
  }
  return text
}

import { glob, type globOf } from '../../base/glob.ts'
import { hostMatches } from './address.ts'
import type { Pattern } from './pattern.ts'
import { isCommand, type Spellings } from './spellings.ts'
import type { Action } from './types.ts'
import { wide, type Wide } from './wide.ts'
import type { Lease } from '../leases/types.ts'

type Test = ReturnType<typeof globOf>
const testOf =
  (pattern: string): Test =>
  (text, within) =>
    glob(pattern, text, within)

/** For being careful: a star may stand for anything, and every spelling counts. */
export function matchesStrictly(
  pattern: string,
  { wholes, starts }: Spellings,
  test: Wide = wide(pattern),
): boolean {
  return (
    wholes.some((text) => test.test(text, 0)) ||
    (!pattern.startsWith('*') && starts.some(({ text, from }) => test.test(text, from)))
  )
}

/**
 * For saying yes. A star never crosses a shell operator or a control character, never climbs out of a folder (`..`), and
 * never leaves the part of a URL that it stands in for its host, and never sets what git runs (`-c alias.x=!cmd`).
 */
export function matchesSafely(
  pattern: string,
  action: Action,
  test: Test = testOf(pattern),
): boolean {
  if (!test(action.target, isCommand(action.type) ? insideCommand : insideLine)) return false
  if (CLIMBS.test(action.target) && !CLIMBS.test(pattern)) return false
  if (isCommand(action.type) && GIT_SETTING.test(action.target) && !GIT_SETTING.test(pattern))
    return false
  return (
    action.type !== 'net' ||
    ((!USERINFO.test(action.target) || pattern.includes('@')) &&
      hostMatches(pattern, action.target))
  )
}

/**
 * For saying yes by a pattern: to all of the action as it is asked, and nothing else. It crosses no shell operator, climbs out
 * of no folder, and says nothing of addresses: no pattern tells where a host ends.
 */
export function matchesWhole(pattern: Pattern, { type, target }: Action): boolean {
  const command = isCommand(type)
  if (type === 'net' || CLIMBS.test(target) || (command && GIT_SETTING.test(target))) return false
  return Array.from(target).every(command ? insideCommand : insideLine) && pattern.whole(target)
}

const insideCommand = (char: string): boolean =>
  !/[;&|`$()<>\u0000-\u0008\u000a-\u001f\u007f]/.test(char)
const insideLine = (char: string): boolean => !/[\u0000-\u0008\u000a-\u001f\u007f]/.test(char)
const CLIMBS = /(?:^|[\s/\\='":,])(?:\.|%2e){2}(?:$|[\s/\\'":,])/i
const GIT_SETTING = /^(?:\S*\/)?git (?:.* )?'?(?:-c(?=[ '])|--config-env|--exec-path)/s
const USERINFO = /^(?:[A-Z]+ )?(?:[a-z][a-z0-9+.-]*:\/\/)?[^/?#]*@/

/** Whether a lease says yes to this action now. Pure; charging it for a use is the caller's. */
export function leaseCovers(
  lease: Lease,
  agent: string,
  action: Action,
  risk: number,
  now: number,
): boolean {
  return (
    lease.state === 'active' &&
    lease.usesLeft > 0 &&
    now < lease.expiresAt &&
    now >= lease.grantedAt - CLOCK_SLACK_MS &&
    (lease.agent === '*' || lease.agent === agent) &&
    (lease.type === '*' || lease.type === action.type) &&
    risk <= lease.maxRisk &&
    matchesSafely(lease.target, action)
  )
}

/** A clock that was set back by more than this makes a lease mean nothing rather than live longer. */
const CLOCK_SLACK_MS = 60_000

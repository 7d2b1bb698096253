import { posix } from 'node:path'
import { glob, type globOf } from '../../base/glob.ts'
import { quote } from '../../base/shell.ts'
import type { Lease } from '../approvals/types.ts'
import { commandsIn } from './commands.ts'
import type { Action } from './types.ts'

/** The spellings of an action that a block or an ask is compared with. Made once for each question. */
export interface Spellings { action: Action; strict: string[] }

export function spellings(action: Action): Spellings {
  const also = isCommand(action.type) ? ofCommand(action) : action.type === 'net' ? ofAddress(action.target) : action.type === 'file' ? ofPath(action) : []
  return { action, strict: [...new Set([action.target, ...also])] }
}

function ofCommand(action: Action): string[] {
  return commandsIn(action).flatMap((words) => [words.join(' '), quote(words), afterOptions(words).join(' ')])
}

/** With and without its method and scheme, and as a server would decode it. */
function ofAddress(target: string): string[] {
  const address = target.replace(/^[A-Z]+ /, '')
  const bare = address.replace(/^[a-z][a-z0-9+.-]*:\/\//, '')
  const decoded = bare.replace(/(?:%[0-9a-f]{2})+/gi, (run) => { try { return decodeURIComponent(run) } catch { return run } })
  return [address, bare, decoded, bare.replace(/^[^/?#]*@/, '')]
}

/** With and without its verb, and where it leads from the working folder. */
function ofPath({ target, cwd }: Action): string[] {
  const verb = /^[A-Za-z]+ +(?=\S)/.exec(target)?.[0] ?? ''
  const path = target.slice(verb.length)
  const leads = cwd.startsWith('/') ? posix.join(path.startsWith('/') ? '/' : cwd, path) : posix.normalize(path)
  return [path, leads, `${verb.trim()} ${leads}`.trim()]
}

/** `git -C dir -c k=v push x` as `git push x`: what stands between a program and its verb hides nothing. */
function afterOptions(words: readonly string[]): string[] {
  let i = 1
  while (i < words.length && (words[i] as string).startsWith('-')) i += VALUED.has(words[i] as string) ? 2 : 1
  return [words[0] as string, ...words.slice(i)]
}

const VALUED = new Set(['-C', '-c', '--git-dir', '--work-tree', '--namespace', '--prefix', '--cwd', '--dir', '--filter', '-w', '--workspace', '--registry'])

type Test = ReturnType<typeof globOf>
const testOf = (pattern: string): Test => (text, within) => glob(pattern, text, within)

/** For being careful: a star may stand for anything, and every spelling counts. */
export function matchesStrictly(pattern: string, { strict }: Spellings, test: Test = testOf(pattern)): boolean {
  return strict.some((target) => test(target))
}

/**
 * For saying yes. A star never crosses a shell operator or a control character, never climbs out of a folder (`..`), and
 * never hides that a URL's host is not what stands before its `@`.
 */
export function matchesSafely(pattern: string, action: Action, test: Test = testOf(pattern)): boolean {
  if (!test(action.target, isCommand(action.type) ? insideCommand : insideLine)) return false
  if (CLIMBS.test(action.target) && !CLIMBS.test(pattern)) return false
  return action.type !== 'net' || !USERINFO.test(action.target) || pattern.includes('@')
}

const insideCommand = (char: string): boolean => !/[;&|`$()<>\u0000-\u0008\u000a-\u001f\u007f]/.test(char)
const insideLine = (char: string): boolean => !/[\u0000-\u0008\u000a-\u001f\u007f]/.test(char)
const CLIMBS = /(?:^|[\s/\\='":,])(?:\.|%2e){2}(?:$|[\s/\\'":,])/i
const USERINFO = /^(?:[A-Z]+ )?(?:[a-z][a-z0-9+.-]*:\/\/)?[^/?#]*@/

function isCommand(type: string): boolean {
  return type === 'exec' || type.startsWith('exec.') || type === 'shell' || type.startsWith('shell.')
}

/** Whether a lease says yes to this action now. Pure; charging it for a use is the caller's. */
export function leaseCovers(lease: Lease, agent: string, action: Action, risk: number, now: number): boolean {
  return lease.state === 'active' && lease.usesLeft > 0 && now < lease.expiresAt && now >= lease.grantedAt - CLOCK_SLACK_MS
    && (lease.agent === '*' || lease.agent === agent) && (lease.type === '*' || lease.type === action.type)
    && risk <= lease.maxRisk && matchesSafely(lease.target, action)
}

/** A clock that was set back by more than this makes a lease mean nothing rather than live longer. */
const CLOCK_SLACK_MS = 60_000

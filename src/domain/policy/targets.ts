import type { Action } from './types.ts'

/**
 * Each of the things that an action names, as an action of its own. A request has a method and one address, a file's verb one
 * path: what stands behind a blank and begins another address, or another path from the root, a home or above, is one more.
 */
export function targetsOf(action: Action): Action[] {
  const { type, target } = action
  if (type !== 'net' && type !== 'file') return [action]
  const [, verb = '', rest = target] = VERB.exec(target) ?? []
  const pieces = type === 'net' ? rest.split(/\s+/).filter((piece) => piece !== '') : paths(rest)
  if (pieces.length < 2) return [action]
  return pieces.map((piece) => ({ ...action, target: `${verb}${piece}` }))
}

const VERB = /^([A-Za-z]+ +)(\S.*)$/s

function paths(text: string): string[] {
  return text.split(/\s+(?=[/~]|\.{1,2}\/|[a-z][a-z0-9+.-]*:\/\/)/)
}

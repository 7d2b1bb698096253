import type { Action } from '../types.ts'

/**
 * The targets of an action, each as an action of its own. A request has one address, and a file
 * action one path; after a space, another address or another path from the root, a home or a parent
 * folder is a further target.
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
  return text.split(/(?<!\s)\s+(?=[/~]|\.{1,2}\/|[a-z][a-z0-9+.-]*:\/\/)/)
}

/**
 * Texts of which every match of a pattern with `^` begins with one, so that most positions can be
 * skipped. Undefined if they are not known.
 */
export function patternHeads(source: string): readonly string[] | undefined {
  const start = /^(?:\^|\\A)/.exec(source)?.[0]
  if (start === undefined) return undefined
  const branches = branchesOf(maskedPattern(source.slice(start.length)))
  // `^a|b`: b may stand anywhere.
  return branches.length === 1 ? headsOf(branches[0] as string) : undefined
}

/** A pattern with dots instead of escapes and classes. */
export function maskedPattern(source: string): string {
  return source.replace(
    /\\Q.*?(?:\\E|$)|\\.|\[\^?\]?(?:\\.|\[:\^?[a-z]+:\]|[^\]\\])*\]/gs,
    (part) => '.'.repeat(part.length),
  )
}

function branchesOf(text: string): string[] {
  const branches = ['']
  let depth = 0
  for (const char of text) {
    if (char === '(') depth++
    if (char === ')') depth--
    if (char === '|' && depth === 0) branches.push('')
    else branches[branches.length - 1] += char
  }
  return branches
}

/** What makes the character before it optional. */
const MAYBE = /^[?*{]/

function headsOf(branch: string): string[] | undefined {
  const plain = /^[\w /:@,=-]*/.exec(branch)?.[0] ?? ''
  const sure = MAYBE.test(branch.slice(plain.length)) ? plain.slice(0, -1) : plain
  if (sure !== '') return [sure]
  if (plain !== '' || !branch.startsWith('(?:')) return undefined
  const end = groupEnd(branch)
  if (MAYBE.test(branch.slice(end + 1))) return undefined
  const heads = branchesOf(branch.slice(3, end)).map(headsOf)
  return heads.includes(undefined) ? undefined : heads.flatMap((head) => head ?? [])
}

function groupEnd(branch: string): number {
  let depth = 0
  for (let i = 0; i < branch.length; i++) {
    if (branch[i] === '(') depth++
    else if (branch[i] === ')' && --depth === 0) return i
  }
  return branch.length
}

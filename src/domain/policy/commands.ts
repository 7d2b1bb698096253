import { OPERATORS, shellPieces } from '../../base/shell.ts'

const SHELLS = new Set(['sh', 'bash', 'dash', 'ash', 'zsh', 'ksh'])
/** Words that run the command after them. */
const CARRIERS = new Set(['env', 'sudo', 'doas', 'nohup', 'time', 'nice', 'command', 'exec', 'xargs', 'timeout', 'busybox', 'stdbuf', 'setsid', 'then', 'do', 'else', '!', '{'])
const DEEPEST = 6
const MOST_COMMANDS = 64

interface Search { found: string[][]; seen: Set<string>; tooMuch: boolean }

/**
 * Every simple command that could be meant, each as its words, the first without its folder: the parts of a shell line,
 * what is given to `sh -c`, what `sudo` or `env` would start. Meant for being careful, never for saying yes: it errs
 * towards seeing more commands than there are.
 */
export function commandsIn(action: { target: string; argv: readonly string[] }): string[][] {
  return search(action).found
}

/** Whether all of an action's commands can be seen: not when they are too many, or wrapped too deeply. */
export function canBeSeen(action: { target: string; argv: readonly string[] }): boolean {
  return !search(action).tooMuch
}

function search({ target, argv }: { target: string; argv: readonly string[] }): Search {
  const made: Search = { found: [], seen: new Set(), tooMuch: false }
  if (argv.length > 0) unwrap(argv, made, 0)
  else fromLine(target, made, 0)
  return made
}

function exhausted(made: Search, depth: number): boolean {
  if (depth > DEEPEST || made.found.length >= MOST_COMMANDS) made.tooMuch = true
  return made.tooMuch
}

function fromLine(line: string, made: Search, depth: number): void {
  if (exhausted(made, depth)) return
  const pieces = shellPieces(line) ?? line.split(/[\s'"]+/).map((text) => ({ text, special: OPERATORS.test(text) }))
  let words: string[] = []
  for (const { text, special } of pieces) {
    if (special && text.length === 1 && OPERATORS.test(text)) { unwrap(words, made, depth); words = []; continue }
    words.push(text)
    const inner = special ? /[$`]\(?(.*)$/s.exec(text)?.[1] : undefined
    if (inner !== undefined && inner.includes(' ')) fromLine(inner.replace(/[)`]/g, ' '), made, depth + 1)
  }
  unwrap(words, made, depth)
}

function unwrap(words: readonly string[], made: Search, depth: number): void {
  let rest = words.filter((w, i) => w !== '' || i > 0)
  while (rest.length > 0 && /^[A-Za-z_][A-Za-z0-9_]*=/.test(rest[0] as string)) rest = rest.slice(1)
  const first = rest[0]
  if (first === undefined) return
  const key = rest.join('\0')
  if (made.seen.has(key) || exhausted(made, depth)) return
  made.seen.add(key)
  const name = first.slice(first.lastIndexOf('/') + 1)
  made.found.push([name, ...rest.slice(1)])
  if (SHELLS.has(name)) {
    const flag = rest.findIndex((w, i) => i > 0 && /^-[a-z]*c[a-z]*$/.test(w))
    const script = flag < 0 ? undefined : rest[flag + 1]
    if (script !== undefined) fromLine(script, made, depth + 1)
  } else if (CARRIERS.has(name)) {
    // Options of the carrier may take values, so the command may begin at any of its next few plain words.
    const starts = rest.map((w, i) => i > 0 && !w.startsWith('-') ? i : -1).filter((i) => i > 0).slice(0, 4)
    for (const start of starts) unwrap(rest.slice(start), made, depth + 1)
  }
}

import { OPERATORS, shellPieces } from '../../base/shell.ts'

const SHELLS = new Set(['sh', 'bash', 'dash', 'ash', 'zsh', 'ksh'])
/** Words that run the command after them. */
const CARRIERS = new Set(['env', 'sudo', 'doas', 'nohup', 'time', 'nice', 'command', 'exec', 'xargs', 'timeout', 'busybox', 'stdbuf', 'setsid', 'then', 'do', 'else', '!', '{'])
const DEEPEST = 4

/**
 * Every simple command that could be meant, each as its words, the first without its folder: the parts of a shell line,
 * what is given to `sh -c`, what `sudo` or `env` would start. Meant for being careful, never for saying yes: it errs
 * towards seeing more commands than there are.
 */
export function commandsIn(action: { target: string; argv: readonly string[] }): string[][] {
  const found: string[][] = []
  if (action.argv.length > 0) unwrap(action.argv, found, 0)
  else fromLine(action.target, found, 0)
  return found
}

function fromLine(line: string, found: string[][], depth: number): void {
  if (depth > DEEPEST) return
  const pieces = shellPieces(line) ?? line.split(/[\s'"]+/).map((text) => ({ text, special: OPERATORS.test(text) }))
  let words: string[] = []
  for (const { text, special } of pieces) {
    if (special && text.length === 1 && OPERATORS.test(text)) { unwrap(words, found, depth); words = []; continue }
    words.push(text)
    const inner = special ? /[$`]\(?(.*)$/s.exec(text)?.[1] : undefined
    if (inner !== undefined && inner.includes(' ')) fromLine(inner.replace(/[)`]/g, ' '), found, depth + 1)
  }
  unwrap(words, found, depth)
}

function unwrap(words: readonly string[], found: string[][], depth: number): void {
  let rest = words.filter((w, i) => w !== '' || i > 0)
  while (rest.length > 0 && /^[A-Za-z_][A-Za-z0-9_]*=/.test(rest[0] as string)) rest = rest.slice(1)
  const first = rest[0]
  if (first === undefined || depth > DEEPEST) return
  const name = first.slice(first.lastIndexOf('/') + 1)
  found.push([name, ...rest.slice(1)])
  if (SHELLS.has(name)) {
    const flag = rest.findIndex((w, i) => i > 0 && /^-[a-z]*c[a-z]*$/.test(w))
    const script = flag < 0 ? undefined : rest[flag + 1]
    if (script !== undefined) fromLine(script, found, depth + 1)
  } else if (CARRIERS.has(name)) {
    // Options of the carrier may take a value: try from the first two words that are no options.
    const starts = rest.map((w, i) => i > 0 && !w.startsWith('-') ? i : -1).filter((i) => i > 0).slice(0, 2)
    for (const start of starts) unwrap(rest.slice(start), found, depth + 1)
  }
}

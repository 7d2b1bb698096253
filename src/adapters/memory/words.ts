/** One simple command of a line: its words, and what must have happened before for it to run. */
export interface Words {
  words: string[]
  after: ';' | '&&' | '||'
  toStderr: boolean
}

/** Splits a line as a shell would, as far as the emulated one goes: quotes, `$NAME`, `$?`, `;`, `&&`, `||`, `>&2`, comments. */
export function parseLine(line: string, value: (name: string) => string): Words[] {
  const commands: Words[] = []
  let current: Words = { words: [], after: ';', toStderr: false }
  const finish = (after: Words['after']): void => {
    if (current.words.length > 0) commands.push(current)
    current = { words: [], after, toStderr: false }
  }
  for (const token of line.matchAll(TOKEN)) {
    const [text] = token
    if (text === ';' || text === '\n') finish(';')
    else if (text === '&&' || text === '||') finish(text)
    else if (text === '>&2') current.toStderr = true
    else if (text.startsWith('#')) break
    else if (text.trim() !== '' && text !== '&') current.words.push(unquote(text, value))
  }
  finish(';')
  return commands
}

const TOKEN = /\n|\s+|;|&&|\|\||>&2|&|#.*|(?:'[^']*'?|"(?:[^"\\]|\\[^])*"?|\\[^]|[^\s;&|'"\\])+|\|/g
const PART = /'([^']*)'?|"((?:[^"\\]|\\[^])*)"?|\\([^])|([^'"\\]+)/g

function unquote(text: string, value: (name: string) => string): string {
  const filled = (part: string): string =>
    part.replace(
      /\$(\?|\w+)|\$\{(\w+)\}/g,
      (_all, name: string | undefined, braced: string | undefined) => value(name ?? braced ?? ''),
    )
  return text.replace(
    PART,
    (_all, single?: string, double?: string, escaped?: string, bare?: string) => {
      if (single !== undefined) return single
      if (double !== undefined) return filled(double).replace(/\\(["\\$`])/g, '$1')
      return escaped ?? filled(bare ?? '')
    },
  )
}

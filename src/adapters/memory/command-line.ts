interface SimpleCommand {
  words: string[]
  /** The operator before it, which decides whether it runs. */
  after: ';' | '&&' | '||'
  toStderr: boolean
}

/**
 * Parses a command line of the simulated shell: quotes, `$NAME`, `$?`, `;`, `&&`, `||`, `>&2` and
 * comments. `value` gives the values of variables.
 */
export function parseLine(line: string, value: (name: string) => string): SimpleCommand[] {
  const commands: SimpleCommand[] = []
  let current: SimpleCommand = { words: [], after: ';', toStderr: false }
  const finish = (after: SimpleCommand['after']): void => {
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
const PART =
  /'(?<single>[^']*)'?|"(?<double>(?:[^"\\]|\\[^])*)"?|\\(?<escaped>[^])|(?<bare>[^'"\\]+)/g

function unquote(text: string, value: (name: string) => string): string {
  const expanded = (part: string): string =>
    part.replace(
      /\$(\?|\w+)|\$\{(\w+)\}/g,
      (_all, name: string | undefined, braced: string | undefined) => value(name ?? braced ?? ''),
    )
  const parts = [...text.matchAll(PART)].map(({ groups = {} }) => {
    const { single, double, escaped, bare } = groups
    if (single !== undefined) return single
    if (double !== undefined) return expanded(double).replace(/\\(["\\$`])/g, '$1')
    return escaped ?? expanded(bare ?? '')
  })
  return parts.join('')
}

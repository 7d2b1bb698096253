import { readdirSync } from 'node:fs'
import { shipped } from '../../config/data.ts'
import { AgentName, TemplateName } from '../../commands/inputs.ts'
import { faces } from '../../commands/registry.ts'
import { bareSchemaAt, choicesOf, cliCommands, kebab, type CliCommand } from './cli-command.ts'

/** A position on the command line: the words before it, and what can be typed there. */
interface Position {
  after: string
  words: string[]
  names: 'agents' | 'templates' | undefined
  flags: string[]
}

/** The completion script of a shell. The shell itself reads names from the deck home. */
export function completions(shell: keyof typeof SCRIPTS): string {
  const script = SCRIPTS[shell](positions(cliCommands(faces)))
  return script.replace(
    'TEMPLATES',
    readdirSync(shipped('templates'))
      .filter((name) => name.endsWith('.yaml'))
      .map((name) => name.slice(0, -'.yaml'.length))
      .join(' '),
  )
}

const SCRIPTS = { bash, zsh, fish }

function positions(commands: readonly CliCommand[]): Position[] {
  const all = new Map<string, Position>()
  const at = (after: string): Position => {
    const position = all.get(after) ?? { after, words: [], names: undefined, flags: [] }
    all.set(after, position)
    return position
  }
  for (const { face, words, params } of commands) {
    words.forEach((word, depth) => {
      const position = at(words.slice(0, depth).join(' '))
      if (!position.words.includes(word)) position.words.push(word)
    })
    const flags = [
      ...Object.keys(face.flags ?? {}).map((key) => `--${kebab(key)}`),
      '--json',
      '--help',
    ]
    const typed = [...words]
    for (const { key, raw } of params) {
      if (raw) break
      const position = at(typed.join(' '))
      position.words.push(...choicesOf(face, key))
      const schema = bareSchemaAt(face, key)
      if (schema === AgentName) position.names = 'agents'
      if (schema === TemplateName) position.names = 'templates'
      position.flags = flags
      typed.push('*')
    }
    at(typed.join(' ')).flags = flags
  }
  return [...all.values()]
}

const NAMES = `_clawdeck_names() {
  local home="\${CLAWDECK_HOME:-$HOME/.clawdeck}"
  case "$1" in
    agents) command ls -1 "$home/agents" 2>/dev/null ;;
    templates) printf '%s\\n' TEMPLATES; command ls -1 "$home/templates" 2>/dev/null | command sed -n 's/\\.ya\\{0,1\\}ml$//p' ;;
  esac
}
`

/** One arm per position. Patterns have a star for a typed name; the most exact come first. */
function arms(all: readonly Position[]): string {
  return all
    .toSorted((a, b) => stars(a.after) - stars(b.after))
    .map(({ after, words, names, flags }) => {
      const pattern =
        after === ''
          ? "''"
          : after
              .split(' ')
              .map((word) => (word === '*' ? '*' : `'${word}'`))
              .join("' '")
      return `    ${pattern}) words='${words.join(' ')}' names='${names ?? ''}' flags='${flags.join(' ')}' ;;\n`
    })
    .join('')
}

function stars(text: string): number {
  return text.split('*').length
}

function bash(all: readonly Position[]): string {
  return `# clawdeck completion for bash: source <(clawdeck completions bash)
${NAMES}
_clawdeck() {
  local typed='' words='' names='' flags='' word at
  local current="\${COMP_WORDS[COMP_CWORD]}"
  for ((at = 1; at < COMP_CWORD; at++)); do
    word="\${COMP_WORDS[at]}"
    [[ $word == -- ]] && return
    [[ $word == -* ]] || typed="\${typed:+$typed }$word"
  done
  case "$typed" in
${arms(all)}  esac
  [[ $current == -* ]] && words="$flags" names=''
  [[ -n $names ]] && words="$words $(_clawdeck_names "$names")"
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -F _clawdeck clawdeck
`
}

function zsh(all: readonly Position[]): string {
  return `#compdef clawdeck
# clawdeck completion for zsh: source <(clawdeck completions zsh)
${NAMES}
_clawdeck() {
  local typed='' names='' flags='' word words_here
  for word in "\${(@)words[2,CURRENT-1]}"; do
    [[ $word == -- ]] && return
    [[ $word == -* ]] || typed="\${typed:+$typed }$word"
  done
  local current="\${words[CURRENT]}"
  () {
    local words=''
    case "$typed" in
${arms(all)}    esac
    words_here="$words"
  }
  [[ $current == -* ]] && words_here="$flags" names=''
  [[ -n $names ]] && words_here="$words_here $(_clawdeck_names "$names")"
  compadd -- \${=words_here}
}
compdef _clawdeck clawdeck
`
}

function fish(all: readonly Position[]): string {
  const lines = all.flatMap(({ after, words, names, flags }) => {
    const here = `-n '__clawdeck_at "${after}"'`
    return [
      ...(words.length === 0 ? [] : [`complete -c clawdeck ${here} -a '${words.join(' ')}'`]),
      ...(names === undefined
        ? []
        : [`complete -c clawdeck ${here} -a '(__clawdeck_names ${names})'`]),
      ...flags.map((flag) => `complete -c clawdeck ${here} -l ${flag.slice(2)}`),
    ]
  })
  return `# clawdeck completion for fish: clawdeck completions fish | source
function __clawdeck_at
  set -l typed (string match -v -- '-*' (commandline -opc)[2..])
  set -l wanted (string split -n ' ' -- $argv[1])
  test (count $typed) -eq (count $wanted); or return 1
  for at in (seq (count $wanted))
    test "$wanted[$at]" = '*'; or test "$wanted[$at]" = "$typed[$at]"; or return 1
  end
end
function __clawdeck_names
  set -l home $CLAWDECK_HOME
  test -n "$home"; or set home $HOME/.clawdeck
  switch $argv[1]
    case agents
      command ls -1 $home/agents 2>/dev/null
    case templates
      printf '%s\\n' TEMPLATES
      command ls -1 $home/templates 2>/dev/null | string replace -rf '\\.ya?ml$' ''
  end
end
complete -c clawdeck -f
${lines.join('\n')}
`
}

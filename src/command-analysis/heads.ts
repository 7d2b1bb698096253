import { meant } from './synonyms.ts'

/** From where on in a command's words another command may begin: undefined for nowhere, 1 for right after its head. */
export type Carries = number | undefined

export const SHELLS = new Set([
  'sh',
  'bash',
  'dash',
  'ash',
  'zsh',
  'ksh',
  'mksh',
  'yash',
  'rbash',
  'fish',
  'csh',
  'tcsh',
  'busybox',
])

/** Words after which, when no option stands between, the very next word is the command. */
const TRANSPARENT = new Set([
  '!',
  '{',
  'if',
  'elif',
  'then',
  'else',
  'do',
  'while',
  'until',
  'coproc',
  'time',
  'nohup',
  'nice',
  'ionice',
  'setsid',
  'env',
  'command',
  'builtin',
  'exec',
  'sudo',
  'doas',
  'xargs',
  'stdbuf',
])

const NEVER = /(?!)/
/**
 * Programs that treat their words as data, so that `grep sudo file` is no `sudo`, unless one of the words is as said. Every
 * program that is in no list here may run any part of what it is given.
 */
const HARMLESS = new Map<string, RegExp>([
  ...list(
    'echo printf cat tac ls head tail wc cut tr uniq comm paste nl tee touch mkdir rmdir rm cp mv ln chmod chown cd pwd stat file du df realpath readlink basename dirname which type test [ [[ true false : sleep date seq jq yq diff cmp export unset local readonly declare set for select kill pkill killall ps id whoami hostname uname systemctl journalctl apk',
    NEVER,
  ),
  ...list('grep egrep fgrep ag ack', /^--pager/),
  ['rg', /^--(?:pre|hostname-bin)(?:=|$)/],
  ['sort', /^--co/],
  ['sed', /(?:^|[\s;{}\d$/!])e(?:\s|$)|[^\w\s][gpimIM\d]*e[gpimIM\d]*(?:$|[;}\s])/],
  ['awk', /system|\||getline/],
  ...list('gcc g++ cc c++ clang clang++', /^-(?:wrapper|fplugin|Xclang|specs)/),
  ...list('terraform tofu aws az curl', NEVER),
  ['gcloud', /^--command/],
])

/** Programs with a verb or an option of their own after which a command may stand; what stands before is data. */
const CARRYING = new Map<string, RegExp>([
  ['find', /^-(?:exec|execdir|ok|okdir)$/],
  ...list('docker podman nerdctl', /^(?:exec|run|create)$/),
  ...list('kubectl oc', /^(?:exec|run|debug)$/),
  ...list('npm pnpm yarn bun', /^(?:exec|x|dlx|explore|run|--?c(?:all)?(?:=.*)?)$/),
  ...list('gem bundle pip pip3 pipx uv poetry pipenv conda', /^(?:exec|run|runpip|x|tool)$/),
  ['cargo', /^--config/],
  ['go', /^(?:run|generate|--?(?:exec|toolexec|vettool)(?:=.*)?)$/],
  ['gh', /^(?:alias|ssh|exec|extension)$/],
  ['ansible', /^(?:-a|--args)/],
  ['helm', /^--post-renderer/],
])

/** Git's verbs that run nothing of what follows them, and the options by which they would. */
const GIT_PLAIN = new Set(
  'add am annotate apply blame branch cat-file checkout cherry-pick clean commit describe diff fetch grep init log ls-files ls-remote ls-tree merge mv notes pull push reflog remote reset restore rev-list rev-parse revert rm shortlog show stash status switch tag worktree'.split(
    ' ',
  ),
)
const GIT_RUNS = /^(?:-O|--op|--upl|--rece|--exec?(?:=|$))/
const GIT_VALUED = new Set([
  '-C',
  '-c',
  '--git-dir',
  '--work-tree',
  '--namespace',
  '--config-env',
  '--attr-source',
  '--super-prefix',
])
const GIT_FLAG =
  /^(?:--[a-z-]+=.*|--no-[a-z-]+|--bare|--paginate|-p|-P|--(?:literal|glob|icase)-pathspecs)$/s

function list(names: string, unless: RegExp): [string, RegExp][] {
  return names.split(' ').map((name) => [name, unless])
}

/** Whether the word after this head is itself the head of the command that runs. */
export function isTransparent(words: readonly string[]): boolean {
  const next = words[1]
  return next !== undefined && isPlain(next) && TRANSPARENT.has(words[0] as string)
}

/** Whether a word is no option. */
export function isPlain(word: string): boolean {
  return word !== '' && !word.startsWith('-')
}

/** From where on another command may begin in this one, whose first word has no folder any more. In doubt, anywhere. */
export function carries(words: readonly string[], speaksToShell: boolean): Carries {
  const head = words[0] as string
  if (head === 'git') return gitCarries(words)
  const unless =
    speaksToShell && (head === 'echo' || head === 'printf' || head === 'cat')
      ? undefined
      : HARMLESS.get(head)
  if (unless !== undefined) return words.some((w, i) => i > 0 && unless.test(w)) ? 1 : undefined
  const marker = CARRYING.get(head)
  if (marker === undefined) return 1
  const at = words.findIndex((w, i) => i > 0 && marker.test(meant(head, w)))
  return at < 0 ? undefined : at
}

function gitCarries(words: readonly string[]): Carries {
  let i = 1
  while (i < words.length && !isPlain(words[i] as string)) {
    const option = words[i] as string
    if (GIT_VALUED.has(option)) i += 2
    else if (GIT_FLAG.test(option)) i++
    else return 1
  }
  const verb = words[i]
  return verb !== undefined &&
    GIT_PLAIN.has(verb) &&
    !words.some((w, at) => at > i && GIT_RUNS.test(w))
    ? undefined
    : i
}

/** What git itself may run of its own settings: `-c alias.x=!cmd`, `-c core.pager=cmd`. */
export function gitSettings(words: readonly string[]): string[] {
  return words.flatMap((word, i) =>
    words[i - 1] === '-c' && word.includes('=') ? [word.slice(word.indexOf('=') + 1)] : [],
  )
}

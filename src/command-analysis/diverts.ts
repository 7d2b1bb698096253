import { begins } from './long-options.ts'
import { meant } from './synonyms.ts'

/**
 * What is not covered by a rule that allows a kind of command, because it makes a program do something else than its kind:
 * start others, read its settings or its work from elsewhere, send it elsewhere, or leave a safeguard out. Names are looked
 * for as parts of options, so that one that is not known yet is rather asked about.
 */
const WORDS = (
  'action exec command cmd shell script config eval expr plugin loader preload require import hook helper pack program tool wrapper filter editor pager proxy registry ' +
  'index source prefix cwd dir root output upload receive env unsafe insecure trust allow force mirror delete prune verify sign option target git url repo remote host mount volume ' +
  'privileged cap network profile global user rsh file textconv ext-diff link editable constraint askpass path from'
).split(' ')
/** The same of programs that take no beginning of an option's name for it: another cluster, other rights, a way out of a container. */
const ELSEWHERE = new RegExp(
  `${WORDS.join('|')}|context|cluster|server|namespace|token|account|project|subscription|impersonate|region|zone|device|security|entrypoint|publish|fprint|fls|^-+(?:pid|ipc|uts)$|^-+as(?:-|$)`,
  'i',
)
/** Options whose name says so only further behind than it has to be written. */
const LONG = [
  '--extra-index-url',
  '--no-verify',
  '--open-files-in-pager',
  '--override-ini',
  '--post-data',
  '--post-file',
  '--data',
  '--form',
  '--json',
  '--to-command',
  '--use-compress-program',
  '--checkpoint-action',
  '--recurse-submodules',
  '--manifest-path',
  '--makefile',
  '--find-links',
  '--use-askpass',
  '--rsh-command',
  '--info-script',
  '--new-volume-script',
  '--script-shell',
  '--node-options',
]
/** Whole names that begin others. */
const COMPLETE = new Set(['all', 'edit'])

/** Short options of that sort, by program; those of programs that are not listed are `FEW`. */
const SHORT: Record<string, string> = {
  git: 'cCOfdx',
  make: 'fCIE',
  npm: 'Cg',
  pnpm: 'Cg',
  yarn: 'g',
  cargo: 'CZ',
  tar: 'IFCfT',
  rsync: 'e',
  ssh: 'oFEJLRDwS',
  scp: 'oFSJ',
  pip: 'rcitef',
  pip3: 'rcitef',
  go: 'C',
  curl: 'KoOTxdF',
  wget: 'OiPe',
  docker: 'vewfHpu',
  podman: 'vewfHpu',
  kubectl: 'cCeEoOxXnskfA',
  oc: 'cCeEoOxXnskfA',
  helm: 'cCeEoOxXnf',
  python: 'c',
  python3: 'c',
  node: 'rep',
  find: '',
  sort: 'oT',
  sed: 'fi',
  awk: 'f',
}
const FEW = 'cCeEoOxX'

/** An address to get something from, or send it to: with a scheme, `name@host:`, or with a helper (`ext::`). */
const ADDRESS = /:\/\/|^\w+::|^[\w.-]*@[\w.-]+:|^[\w-]+(?:\.[\w-]+)+:/
/** How package managers write that something is no package of the registry. */
const OFF_REGISTRY =
  /^(?:[a-z+]+:|(?![@.])[^/]+\/|[.~]|\/|@[^/]*\/[^@]*(?:\/|@.*[:/])|.*\.(?:tgz|tar|tar\.\w+|zip|whl)$)|#/i
const REGISTRIES = new Set([
  'npm',
  'pnpm',
  'yarn',
  'bun',
  'npx',
  'pip',
  'pip3',
  'uv',
  'gem',
  'cargo',
])
const INSTALLS = new Set([
  'install',
  'i',
  'add',
  'ci',
  'install-test',
  'install-ci-test',
  'update',
  'upgrade',
  'up',
  'link',
])
/** Verbs that run a command of the caller's choice, or set what others will run. A rule has to say what it allows of these. */
const CARRYING = ['exec', 'config', 'foreach', 'bisect', 'filter-branch', 'explore']
/** What package managers call setting what they run, shorter. */
const SETTING = new Set(['c', 'set'])
const FETCHING = new Set(['x', 'exec', 'dlx', 'create', 'init'])
/** Verbs of git after which a path is another repository. */
const REACHING = new Set(['push', 'fetch', 'pull', 'clone', 'ls-remote'])
/** Programs whose words are programs themselves. */
const SCRIPTED = new Set(['awk', 'gawk', 'mawk', 'nawk', 'sed', 'gsed'])
/** Programs whose first word is a verb: what stands before it changes how they work. */
const VERBED = new Set(
  'git npm pnpm yarn bun cargo go pip pip3 uv gem docker podman kubectl helm gh'.split(' '),
)

/** Whether what follows the first `known` words of a command of this program leads elsewhere, or cannot be told. */
export function diverts(
  program: string,
  words: readonly (string | undefined)[],
  known: number,
): boolean {
  const verb = meant(program, words[1] ?? '')
  const registry = REGISTRIES.has(program)
  const carries = (word: string) =>
    registry
      ? SETTING.has(word) || CARRYING.some((name) => word.length > 2 && name.startsWith(word))
      : CARRYING.includes(word)
  if (SCRIPTED.has(program) && words.length > known) return true
  if (known === 1 && VERBED.has(program) && verb.startsWith('-')) return true
  if (known <= 2 && registry && FETCHING.has(verb)) return true
  if (
    words.some(
      (word, i) => (i === 1 || i === 2) && i >= known - 1 && word !== undefined && carries(word),
    )
  )
    return true
  const paths = program === 'git' && REACHING.has(verb)
  return words
    .slice(known)
    .some(
      (word) =>
        word === undefined ||
        isElsewhere(program, word) ||
        (paths && /^[.~/]/.test(word)) ||
        (registry &&
          INSTALLS.has(verb) &&
          !word.startsWith('-') &&
          word !== words[1] &&
          OFF_REGISTRY.test(word)),
    )
}

function isElsewhere(program: string, word: string): boolean {
  if (ADDRESS.test(word) || /^\w+\??[:+]?=/.test(word)) return true
  if (!word.startsWith('-')) return false
  const letters = Object.hasOwn(SHORT, program) ? (SHORT[program] as string) : FEW
  const name = word.split('=', 1)[0] as string
  return /^-[^-]/.test(word)
    ? [...letters].some((letter) => name.includes(letter)) ||
        (name.length > 4 && ELSEWHERE.test(name))
    : ELSEWHERE.test(name) || isShort(name)
}

/** Whether a long option's name is the beginning of one that leads elsewhere: most programs take it for the whole. */
function isShort(name: string): boolean {
  const last = name.slice(name.lastIndexOf('-') + 1)
  return (
    last !== '' &&
    !COMPLETE.has(last) &&
    (LONG.some((long) => begins(name, long)) || WORDS.some((word) => word.startsWith(last)))
  )
}

/**
 * What is not covered by a rule that allows a kind of command, because it makes a program do something else than its kind:
 * start others, read its settings or its work from elsewhere, send it elsewhere, or leave a safeguard out. Names are looked
 * for as parts of options, so that one that is not known yet is rather asked about.
 */
const ELSEWHERE = /action|exec|command|cmd|shell|script|config|eval|expr|plugin|loader|preload|require|import|hook|helper|pack|program|tool|wrapper|filter|editor|pager|proxy|registry|index|source|prefix|cwd|dir|root|output|upload|env|unsafe|insecure|trust|allow|force|mirror|delete|prune|verify|sign|option|target|git|url|repo|remote|host|mount|volume|privileged|cap|network|profile|global|user|rsh|file/i

/** Short options of that sort, by program; those of programs that are not listed are `FEW`. */
const SHORT: Record<string, string> = {
  git: 'cCOfdx', make: 'fCIE', npm: 'Cg', pnpm: 'Cg', yarn: 'g', cargo: 'CZ', tar: 'IFCfT', rsync: 'e', ssh: 'oFEJLRDwS', scp: 'oFSJ', pip: 'rcitef', pip3: 'rcitef', go: 'C',
  curl: 'KoOTx', wget: 'OiPe', docker: 'vewfH', podman: 'vewfH', python: 'c', python3: 'c', node: 'rep', find: '', sort: 'oT', sed: 'fi', awk: 'f',
}
const FEW = 'cCeEoOxX'

/** An address to get something from, or send it to: with a scheme, `name@host:`, or with a helper (`ext::`). */
const ADDRESS = /:\/\/|^\w+::|^[\w.-]*@[\w.-]+:|^[\w-]+(?:\.[\w-]+)+:/
/** How package managers write that something is no package of the registry. */
const OFF_REGISTRY = /^(?:[a-z+]+:|(?![@.])[^/]+\/|[.~]*\/|.*\.tgz$)|#/i
const REGISTRIES = new Set(['npm', 'pnpm', 'yarn', 'bun', 'npx', 'pip', 'pip3', 'uv', 'gem', 'cargo'])
const INSTALLS = new Set(['install', 'i', 'add', 'ci', 'update', 'upgrade', 'link'])
/** Verbs that run a command of the caller's choice, or set what others will run. A rule has to say what it allows of these. */
const CARRYING = new Set(['exec', 'config', 'foreach', 'bisect', 'filter-branch', 'explore'])
const FETCHING = new Set(['x', 'dlx', 'create', 'init'])
/** Programs whose first word is a verb: what stands before it changes how they work. */
const VERBED = new Set('git npm pnpm yarn bun cargo go pip pip3 uv gem docker podman kubectl helm gh'.split(' '))

/** Whether what follows the first `known` words of a command of this program leads elsewhere, or cannot be told. */
export function diverts(program: string, words: readonly (string | undefined)[], known: number): boolean {
  const verb = words[1] ?? ''
  const registry = REGISTRIES.has(program)
  if (known === 1 && VERBED.has(program) && verb.startsWith('-')) return true
  if (known <= 2 && registry && FETCHING.has(verb)) return true
  if (words.some((word, i) => (i === 1 || i === 2) && i >= known - 1 && word !== undefined && CARRYING.has(word))) return true
  return words.slice(known).some((word) => word === undefined || isElsewhere(program, word) || (registry && INSTALLS.has(verb) && !word.startsWith('-') && word !== verb && OFF_REGISTRY.test(word)))
}

function isElsewhere(program: string, word: string): boolean {
  if (ADDRESS.test(word) || /^\w+\??[:+]?=/.test(word)) return true
  if (!word.startsWith('-')) return false
  const letters = Object.hasOwn(SHORT, program) ? SHORT[program] as string : FEW
  const name = word.split('=', 1)[0] as string
  return /^-[^-]/.test(word) ? [...letters].some((letter) => name.includes(letter)) || (name.length > 4 && ELSEWHERE.test(name)) : ELSEWHERE.test(name)
}

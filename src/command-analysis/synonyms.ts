/** What else a program calls one of its verbs. Npm also knows each by any beginning that is no other's. */
const NPM: Record<string, string> = {
  install: 'i in ins inst insta instal isnt isnta isntal isntall add',
  ci: 'clean-install ic install-clean isntall-clean',
  'install-test': 'it',
  'install-ci-test': 'cit clean-install-test sit',
  update: 'up upgrade udpate',
  exec: 'x',
  publish: '',
  init: 'create innit',
  link: 'ln',
  rebuild: 'rb',
}
const YARN: Record<string, string> = { up: 'upgrade' }
const PNPM: Record<string, string> = {
  install: 'i',
  update: 'up upgrade',
  'install-test': 'it',
  ci: 'clean-install ic install-clean',
}
const GIT: Record<string, string> = { push: 'send-pack http-push dcommit' }
const SYNONYMS: Record<string, Record<string, string>> = {
  git: GIT,
  npm: NPM,
  pnpm: PNPM,
  yarn: YARN,
  bun: { install: 'i', add: 'a' },
}

const MEANT = new Map(
  Object.entries(SYNONYMS).map(([program, verbs]) => [
    program,
    new Map(
      Object.entries(verbs).flatMap(([verb, names]) =>
        names
          .split(' ')
          .filter(Boolean)
          .map((name) => [name, verb] as const),
      ),
    ),
  ]),
)

const NPM_NAMES = Object.entries(NPM).flatMap(([verb, names]) => [
  verb,
  ...names.split(' ').filter(Boolean),
])

/** Every other name of a program's verbs that is known, with the usual one: for where there is no code to work it out. */
export function otherNames(program: string): Map<string, string> {
  const begun =
    program === 'npm'
      ? NPM_NAMES.flatMap((name) => Array.from(name, (_, i) => name.slice(0, i + 1)))
      : []
  const camel = begun.map((name) => name.replace(/-([a-z])/g, (_, c: string) => c.toUpperCase()))
  const names = [...(MEANT.get(program)?.keys() ?? []), ...begun, ...camel].filter(
    (name) => !name.endsWith('-'),
  )
  return new Map(
    names
      .map((name) => [name, meant(program, name)] as const)
      .filter(([name, usual]) => name !== usual),
  )
}

/** The usual name of a program's verb, however it was spelled; what is no verb of it stays as it is. */
export function meant(program: string, word: string): string {
  const known = MEANT.get(program)?.get(word)
  if (known !== undefined || program !== 'npm' || word.length < 2) return known ?? word
  const kebab = word.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`)
  if (NPM_NAMES.includes(kebab)) return MEANT.get('npm')?.get(kebab) ?? kebab
  const begun = new Set(
    NPM_NAMES.filter((name) => name.startsWith(kebab)).map(
      (name) => MEANT.get('npm')?.get(name) ?? name,
    ),
  )
  return begun.size === 1 ? ([...begun][0] as string) : word
}

import { seeded } from '../support/random.ts'
import { oddLines, quoted, type Make } from './odd-lines.ts'
import {
  BRACES,
  DOLLARS_ALONE,
  DOLLAR_QUOTES,
  ESCAPED_WORDS,
  EXPANSIONS,
  IN_DOUBLE_QUOTES,
  IN_SINGLE_QUOTES,
  PATTERNS,
  PLAIN_WORDS,
  REDIRECTIONS,
  SETTINGS,
  STUBS,
  TILDES,
  WRAPPERS,
} from './shell-vocabulary.ts'

/**
 * Lines of shell, the same ones for the same seed: all that shells know to write a command down,
 * mixed.
 */
export function generatedLines(seed: number, count: number): string[] {
  const make = new Lines(seeded(seed))
  return Array.from({ length: count }, () => make.line())
}

class Lines {
  readonly #random: () => number
  readonly #oddLines = oddLines({
    list: () => this.#list(),
    simple: () => this.#simple(),
    word: () => this.#word(),
    pick: (from) => this.#pick(from),
  })
  #depth = 0

  constructor(random: () => number) {
    this.#random = random
  }

  line(): string {
    this.#depth = 0
    const line = this.#one([
      [6, () => this.#list()],
      [1, () => `${this.#list()}\n${this.#list()}`],
      [0.3, () => `${this.#list()} # pa; sudo id`],
      [0.2, () => `${this.#list()} &`],
      [0.3, () => this.#odd()],
    ])
    return line.replaceAll('\0', '')
  }

  #chance(of: number): boolean {
    return this.#random() < of
  }

  #pick<T>(from: readonly T[]): T {
    return from[Math.floor(this.#random() * from.length)] as T
  }

  #some(make: Make, most: number): string[] {
    return Array.from({ length: Math.floor(this.#random() * (most + 1)) }, make)
  }

  #one(ways: readonly (readonly [weight: number, make: Make])[]): string {
    let left = this.#random() * ways.reduce((sum, [weight]) => sum + weight, 0)
    for (const [weight, make] of ways) if ((left -= weight) < 0) return make()
    return (ways.at(-1) as [number, Make])[1]()
  }

  /** What has another list inside, as long as it is not too deep. */
  #deeper(make: Make, otherwise: Make): string {
    if (this.#depth >= 3) return otherwise()
    this.#depth++
    const made = make()
    this.#depth--
    return made
  }

  #list(): string {
    // What stands deep inside is short, so that a line does not grow beyond all measure.
    const parts = [this.#pipeline(), ...this.#some(() => this.#pipeline(), this.#depth > 0 ? 1 : 2)]
    return parts.reduce(
      (line, part) => `${line}${this.#pick(['; ', ' && ', ' || ', ';', '\n', ' & '])}${part}`,
    )
  }

  #pipeline(): string {
    const parts = [this.#command(), ...(this.#chance(0.25) ? [this.#command()] : [])]
    const front = this.#one([
      [12, () => ''],
      [0.6, () => '! '],
      [0.3, () => 'time '],
      [0.1, () => 'time -p '],
    ])
    return front + parts.join(this.#pick([' | ', '|', ' | ', ' |& ']))
  }

  #command(): string {
    return this.#one([
      [10, () => this.#simple()],
      [2, () => this.#wrapped()],
      [
        2,
        () =>
          this.#deeper(
            () => this.#compound(),
            () => this.#simple(),
          ),
      ],
      [1, () => this.#fed()],
    ])
  }

  #simple(): string {
    const settings = this.#chance(0.12) ? this.#some(() => this.#setting(), 2) : []
    const words = [this.#head(), ...this.#some(() => this.#word(), 4)]
    const redirections = this.#chance(0.2) ? this.#some(() => this.#redirection(), 2) : []
    const at = Math.floor(this.#random() * (words.length + 1))
    const mixed = this.#chance(0.5)
      ? [...words, ...redirections]
      : [...words.slice(0, at), ...redirections, ...words.slice(at)]
    return [...settings, ...mixed].join(this.#pick([' ', ' ', '  ', '\t', ' \\\n ']))
  }

  #head(): string {
    const name = this.#pick(STUBS)
    return this.#one([
      [16, () => name],
      [1, () => `'${name}'`],
      [1, () => `"${name}"`],
      [1, () => `\\${name}`],
      [0.6, () => `${name[0]}""${name.slice(1)}`],
      [0.4, () => `${name[0]}\\\n${name.slice(1)}`],
      [0.4, () => `$'${name}'`],
      [0.3, () => `{${name},x}`],
      [0.3, () => `$E${name}`],
      [0.3, () => '$C'],
      [0.2, () => `$(printf ${name})`],
    ])
  }

  #word(): string {
    return this.#one([
      [8, () => this.#pick(PLAIN_WORDS)],
      [2, () => `'${this.#pick(IN_SINGLE_QUOTES)}'`],
      [2, () => `"${this.#inDouble()}"`],
      [1, () => this.#pick(ESCAPED_WORDS)],
      [0.6, () => this.#pick(DOLLAR_QUOTES)],
      [1.2, () => this.#expansion()],
      [0.8, () => this.#pick(PATTERNS)],
      [0.7, () => this.#pick(BRACES)],
      [0.4, () => this.#pick(TILDES)],
      [0.8, () => this.#word() + this.#word()],
      [0.5, () => this.#substitution()],
      [0.2, () => this.#pick(["''", '""'])],
      [0.2, () => this.#pick(DOLLARS_ALONE)],
    ])
  }

  #inDouble(): string {
    return this.#one([
      [3, () => this.#pick(IN_DOUBLE_QUOTES)],
      [2, () => this.#expansion()],
      [1, () => `x${this.#expansion()}y`],
      [1, () => this.#substitution()],
    ])
  }

  #expansion(): string {
    return this.#pick(EXPANSIONS)
  }

  #substitution(): string {
    return this.#deeper(
      () =>
        this.#chance(0.6) ? `$(${this.#list()})` : `\`${this.#head().replaceAll('`', '')} x\``,
      () => '$(pa)',
    )
  }

  #setting(): string {
    return this.#pick(SETTINGS)
  }

  #redirection(): string {
    return this.#pick(REDIRECTIONS)
  }

  #wrapped(): string {
    return this.#deeper(
      () =>
        this.#one([
          [
            1,
            () =>
              `env ${this.#pick(['', 'X=1 ', '-i PATH="$PATH" DECK_LOG="$DECK_LOG" DECK_ID="$DECK_ID" ', '-u X '])}${this.#simple()}`,
          ],
          [1, () => `xargs ${this.#pick(['', '-n1 ', '-r ', '-I{} ', '-0 '])}${this.#simple()}`],
          [1, () => `sh -c ${quoted(this.#list())}`],
          [0.5, () => `bash -c ${quoted(this.#list())} x y`],
          [0.5, () => `dash -ec ${quoted(this.#list())}`],
          [1, () => `eval ${quoted(this.#list())}`],
          [0.5, () => `eval ${this.#simple()}`],
          [0.5, () => `${this.#pick(WRAPPERS)} ${this.#simple()}`],
          [
            0.7,
            () =>
              `find . -name x.txt -exec ${this.#pick(STUBS)} {} ${this.#pick(['\\;', '+', "';'"])}`,
          ],
          [0.3, () => `trap ${quoted(this.#simple())} EXIT`],
          [0.2, () => `command -v ${this.#pick(STUBS)}`],
        ]),
      () => this.#simple(),
    )
  }

  #compound(): string {
    return this.#one([
      [1, () => `{ ${this.#list()}; }${this.#after()}`],
      [1, () => `(${this.#list()})${this.#after()}`],
      [
        1,
        () =>
          `if ${this.#list()}; then ${this.#list()}; ${this.#pick(['', `elif ${this.#list()}; then ${this.#list()}; `])}${this.#pick(['', `else ${this.#list()}; `])}fi${this.#after()}`,
      ],
      // Where the program is not found either, nothing else would end them.
      [0.5, () => `while na ${this.#word()}; do ${this.#list()}; break; done`],
      [0.5, () => `until pa ${this.#word()}; do ${this.#list()}; break; done`],
      [
        1,
        () => `for X in ${this.#some(() => this.#word(), 3).join(' ')}; do ${this.#list()}; done`,
      ],
      [
        1,
        () =>
          `case ${this.#word()} in ${this.#pick(['x', '*', '"p q"|y1', '$V', '[a-z]'])}) ${this.#list()};; *) ${this.#list()};; esac`,
      ],
      [
        0.4,
        () => `[ ${this.#pick(['-f x.txt', 'a = b', '"$V"', '! -d q'])} ] && ${this.#command()}`,
      ],
      [
        0.4,
        () =>
          `[[ ${this.#pick(['-f x.txt', 'a = b', '$V', 'a < b', '-f x && -f y', 'a || b'])} ]] && ${this.#simple()}`,
      ],
      [0.3, () => `((${this.#pick(['1', '0', '1+1', 'V', 'pa x'])})) && ${this.#simple()}`],
    ])
  }

  #after(): string {
    return this.#one([
      [5, () => ''],
      [1, () => ' >f8'],
      [1, () => ' 2>&1'],
      [0.5, () => ' <x.txt'],
    ])
  }

  /** Text that somebody reads: data for some, commands for others. */
  #fed(): string {
    return this.#deeper(
      () =>
        this.#one([
          [1, () => this.#document(this.#pick(['cat', 'pa x', 'sort', 'cat -']))],
          [1, () => this.#document(this.#pick(['sh', 'bash', 'bash -s', 'dash -s x']))],
          [
            0.5,
            () =>
              `${this.#pick(['echo', 'printf', 'printf %s'])} ${quoted(this.#simple())} | ${this.#pick(['sh', 'bash', 'cat', 'tee f9 | sh', 'pa', 'xargs pa'])}`,
          ],
          [0.4, () => `bash <<<${quoted(this.#simple())}`],
          [0.3, () => `cat <(${this.#list()})`],
          [0.3, () => `pa "$(cat <<'E'\n${this.#simple().replaceAll('\n', ' ')}\nE\n)"`],
        ]),
      () => this.#simple(),
    )
  }

  #document(reader: string): string {
    const body = this.#one([
      [1, () => this.#simple()],
      [1, () => `pa x\n${this.#simple()}`],
      [0.5, () => 'sudo $V `pb` $(pc)'],
    ]).replaceAll('\nE', ' E')
    const mark = this.#pick(['E', "'E'", '"E"', '\\E', '-E', "-'E'"])
    return `${reader} <<${mark}\n${body}\n${mark.startsWith('-') ? '\t' : ''}E\n${this.#chance(0.5) ? this.#simple() : ''}`
  }

  /** What changes the shell itself, and what is broken. */
  #odd(): string {
    return this.#pick(this.#oddLines)()
  }
}

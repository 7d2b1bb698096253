import { seeded } from '../support/random.ts'

/** Programs that write down what they are given: those with an `n` in front fail. */
export const STUBS = ['pa', 'pb', 'pc', 'pd', 'na', 'nb', 'sudo', 'git'] as const
/** Real programs that start others, or hand text on. */
export const REAL =
  'env xargs find sh bash dash nice nohup timeout setsid cat tee printf true false head sort'.split(
    ' ',
  )
/** Files that are there, some of them meant. */
export const FILES = ['x.txt', 'y.txt', '-n', '--force', 'a b', 'dir/z.txt']

type Make = () => string

/** Lines of shell, the same ones for the same seed: all that shells know to write a command down, mixed. */
export function generatedLines(seed: number, count: number): string[] {
  const make = new Lines(seeded(seed))
  return Array.from({ length: count }, () => make.line())
}

class Lines {
  readonly #random: () => number
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
      [
        8,
        () =>
          this.#pick([
            'x',
            'y1',
            '-n',
            '--force',
            '-rf',
            'x/y',
            'a=b',
            'k:v',
            '--o=p',
            '+x',
            '@',
            '%',
            '.',
            '..',
            'é',
            '!x',
            'a#b',
            ']',
            '}',
            'if',
            'do',
            '-',
            '--',
          ]),
      ],
      [
        2,
        () =>
          `'${this.#pick(['p q', '$V', '`x`', 'a;b', '*', '#', '\\', '"', 'a\nb', '~', '{a,b}'])}'`,
      ],
      [2, () => `"${this.#inDouble()}"`],
      [
        1,
        () =>
          this.#pick([
            'p\\ q',
            '\\$V',
            '\\*',
            '\\;',
            '\\~',
            'a\\\nb',
            "\\'",
            '\\"',
            '\\{a,b}',
            '\\#',
          ]),
      ],
      [0.6, () => this.#pick(["$'p\\x41'", "$'a b'", '$"x"', "$'\\''", "$'\\n'"])],
      [1.2, () => this.#expansion()],
      [
        0.8,
        () =>
          this.#pick([
            '*.txt',
            '?.txt',
            '[xy].txt',
            '-*',
            '*',
            'dir/*',
            '[!x].txt',
            '*nothing*',
            'x.[t]xt',
          ]),
      ],
      [
        0.7,
        () =>
          this.#pick([
            '{p,q}',
            'p{1..3}',
            '{a,b}{c,d}',
            '{x',
            'x}',
            '{}',
            '{a}',
            'x{,y}',
            '{a..c}',
          ]),
      ],
      [0.4, () => this.#pick(['~', '~/x', 'a=~', '~nobody', 'x~', ':~', 'a:~/x'])],
      [0.8, () => this.#word() + this.#word()],
      [0.5, () => this.#substitution()],
      [0.2, () => this.#pick(["''", '""'])],
      [0.2, () => this.#pick(['$', '"$"', '$%', '\\\\', '$$x'])],
    ])
  }

  #inDouble(): string {
    return this.#one([
      [
        3,
        () =>
          this.#pick([
            'p q',
            "it's",
            'a\\"b',
            'a\\\\b',
            'a\\$b',
            'a\\nb',
            'a;b',
            '*',
            '~',
            '{a,b}',
            '#',
            'a\nb',
            'a\\\nb',
            ' ',
          ]),
      ],
      [2, () => this.#expansion()],
      [1, () => `x${this.#expansion()}y`],
      [1, () => this.#substitution()],
    ])
  }

  #expansion(): string {
    return this.#pick([
      '$V',
      '${V}',
      '$E',
      '$G',
      '$X',
      '${V:-d}',
      '${N:-d e}',
      '${V:+z}',
      '${#V}',
      '${V#v}',
      '${V%w}',
      '$((1+2))',
      '$((3))',
      '$#',
      '$*',
      '$@',
      '${N-}',
      '$V$E',
      '${V:-"a b"}',
      '$?',
      '$-',
      '${V}x',
      '$1',
    ])
  }

  #substitution(): string {
    return this.#deeper(
      () =>
        this.#chance(0.6) ? `$(${this.#list()})` : `\`${this.#head().replaceAll('`', '')} x\``,
      () => '$(pa)',
    )
  }

  #setting(): string {
    return this.#pick([
      'X=1',
      'V=u',
      'IFS=p',
      'Y="a b"',
      "Z='$V'",
      'X=$V',
      'X=~',
      'X=',
      'X=*',
      'X={a,b}',
      'IFS=',
      'X=$(pd)',
    ])
  }

  #redirection(): string {
    return this.#pick([
      '>f1',
      '> f2',
      '>>f1',
      '2>&1',
      '2>/dev/null',
      '>/dev/null',
      '<x.txt',
      '< /dev/null',
      '>&2',
      '1>&2',
      '2>f3',
      '<>f4',
      '>|f1',
      '<nothing',
      '>dir/none/f',
      '&>f5',
      '<&0',
      '>&1',
      '<<<w',
      '3>f1',
      '2>&-',
      '>$V',
      '>"f 6"',
      '>&f7',
    ])
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
          [
            0.5,
            () =>
              `${this.#pick(['nice', 'nohup', 'command', 'timeout 5', 'setsid', 'nice -n 1', 'exec', 'builtin', 'command -p'])} ${this.#simple()}`,
          ],
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
    return this.#pick<Make>([
      () => `f() { ${this.#list()}; }\nf ${this.#word()}`,
      // It must not call itself: nobody ends what comes of that.
      () =>
        `pa() { ${this.#pick(['pb x', 'pb "$@"; pc', 'nb || pd', 'sudo $1'])}; }; ${this.#list()}`,
      () => `function g { ${this.#list()}; }; g`,
      () => `alias pa=${quoted(this.#simple())}\n${this.#list()}`,
      () => `set -f; ${this.#list()}`,
      () => `set -e; ${this.#list()}`,
      () => `set -u; ${this.#list()}`,
      () => `exit; ${this.#list()}`,
      () => `${this.#list()}; exit 3; ${this.#list()}`,
      () => `X=${quoted(this.#simple())}; $X`,
      () => `C=pb; ${this.#list()}`,
      () => `IFS=p; V=xpy; ${this.#list()}`,
      () => `cd dir && ${this.#list()}`,
      () => `PATH=/nowhere; ${this.#list()}`,
      () => `coproc ${this.#simple()}`,
      () => `for ((i=0;i<2;i++)); do ${this.#list()}; done`,
      () => `select X in a b; do ${this.#list()}; done </dev/null`,
      () => `shift; ${this.#list()}`,
      () => `return; ${this.#list()}`,
      () => `break; ${this.#list()}`,
      () => `. ./x.txt; ${this.#list()}`,
      () => `readonly V; V=2; ${this.#list()}`,
      () => `: \${N?no}; ${this.#list()}`,
      () => `: $((1/0)); ${this.#list()}`,
      () => `: >dir/none/f; ${this.#list()}`,
      () => `exec >f1; ${this.#list()}`,
      () => `exec 3<x.txt; pa <&3`,
      () => `${this.#list()} )`,
      () => `${this.#list()}; if`,
      () => `pa 'x`,
      () => `pa "x $(pb`,
      () => `a[0]=1; ${this.#list()}`,
      () => `a=(x y); pa "\${a[@]}"`,
      () => `X+=1 ${this.#simple()}`,
      () => `unset V; ${this.#list()}`,
      () => `trap ${quoted(this.#simple())} INT; ${this.#list()}`,
      () => `type pa; hash pa; ${this.#list()}`,
      () => `kill -0 $$; ${this.#list()}`,
      () => `let X=1; ${this.#list()}`,
      () => `pa \${V^^} \${V//v/w} \${!V}`,
      () => `pa 10>f1 x`,
      () => `pa {fd}>f1 x`,
      () => `case x in x) ${this.#simple()};& y) ${this.#simple()};; esac`,
      () => `shopt -s extglob\npa @(x|y).txt`,
      () => `pa @(x|y).txt`,
      () => `command eval ${quoted(this.#simple())}`,
      () => `local X=1; ${this.#list()}`,
      () => `export X=1; ${this.#list()}`,
      () => `read X <x.txt; ${this.#list()}`,
      () => `wait; ${this.#list()}`,
      () => `umask 77; ${this.#list()}`,
    ])()
  }
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}

import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { awkIsPlain, sedIsPlain } from '../../src/command-analysis/patterns/scripts.ts'
import { Sandbox, which } from './sandbox.ts'

/** Scripts that are taken for plain, of each language. */
const SCRIPTS = Number(process.env['DECK_SCRIPTS'] ?? 4000)
const SEED = Number(process.env['DECK_SEED'] ?? 20_260_413)
const BATCH = 200

/**
 * Pieces of scripts: what delimits, quotes, nests and continues, and what starts the program `m`,
 * writes the file `w` or reads the file `r`.
 */
const SED = [
  ...'s / / / a [ ] \\ ^ $ w g p ; ; { } # y 1 ! , i b t : & | x m M N D d q ~ - . *'.split(' '),
  'e',
  'e m',
  'w w',
  'r r',
  ' ',
  '\n',
  '[:alpha:]',
  '\\n',
  '/a/',
  's/a/b/',
  '\\/',
]
const AWK = [
  ...'/ / /a/ " "a" # { } > ( ) 1 x $1 ; \\ [ ] BEGIN if(1) ++ -- , /= ! ~ && || ? : - = x/2 [/]'.split(
    ' ',
  ),
  'print ',
  ' | ',
  '"m"',
  '"w"',
  '\n',
  'system("m")',
  'return ',
  'length',
  ' ',
  'a[1]',
  'in ',
  'getline < "r"',
  'printf ',
  '\\/',
  '"m"|getline',
  '0x',
  '1e',
]

/** Runs each script, and writes down the place of one that starts, writes or reads what it should not. */
const DRIVER = `i=0
for script do
  timeout 2 "$P" $A "$script" "$TREE/in" </dev/null >"$TREE/out" 2>/dev/null
  if [ -e "$TREE/ran" ] || [ -e "$TREE/w" ] || grep -q hidden "$TREE/out"; then
    echo $i >>"$TREE/found"; rm -f "$TREE/ran" "$TREE/w"
  fi
  i=$((i + 1))
done`

const INTERPRETERS = [
  ['sed', 'sed', '-n'],
  ['sed', 'busybox', 'sed -n'],
  ['awk', 'mawk', ''],
  ['awk', 'gawk', ''],
  ['awk', 'busybox', 'awk'],
  ['awk', 'original-awk', ''],
] as const
const LANGUAGES = {
  sed: { pieces: SED, isPlain: sedIsPlain, busy: 'w w' },
  awk: { pieces: AWK, isPlain: awkIsPlain, busy: 'BEGIN{system("m")}' },
}

/** A folder in which a script may start, write and read one thing each. */
class Tree implements Disposable {
  readonly path = mkdtempSync(join(tmpdir(), 'deck-scripts-'))
  readonly sandbox: Sandbox | undefined

  constructor() {
    chmodSync(this.path, 0o777)
    mkdirSync(join(this.path, 'bin'))
    writeFileSync(join(this.path, 'bin', 'm'), `#!/bin/sh\n: >"${this.path}/ran"\n`, {
      mode: 0o755,
    })
    writeFileSync(join(this.path, 'in'), 'a/b "c" #x\n1 2\n')
    writeFileSync(join(this.path, 'r'), 'hidden\n')
    this.sandbox = Sandbox.find(this.path)
  }

  /** The scripts that did more than to print. */
  busy(
    sandbox: Sandbox,
    [program, first]: readonly [string, string],
    scripts: readonly string[],
  ): string[] {
    const found = join(this.path, 'found')
    writeFileSync(found, '', { mode: 0o666 })
    chmodSync(found, 0o666)
    const { words } = sandbox.around(['/bin/sh', '-c', DRIVER, 'sh', ...scripts])
    const PATH = `${join(this.path, 'bin')}:/usr/bin:/bin`
    const env = { PATH, TREE: this.path, P: which(program), A: first }
    const { status } = spawnSync(words[0] as string, words.slice(1), { cwd: this.path, env })
    expect(status).toBe(0)
    return readFileSync(found, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => scripts[Number(line)] as string)
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true })
  }
}

/** Generated scripts that are taken for plain. */
function plain({ pieces, isPlain }: (typeof LANGUAGES)['sed']): string[] {
  const script = fc.array(fc.constantFrom(...pieces), { maxLength: 16 }).map((all) => all.join(''))
  const made = new Set<string>()
  for (let seed = SEED; made.size < SCRIPTS; seed++)
    for (const each of fc.sample(script, { seed, numRuns: 2000 })) if (isPlain(each)) made.add(each)
  return [...made].slice(0, SCRIPTS)
}

describe.each(INTERPRETERS)('a script of %s for %s %s that is taken for plain', (...given) => {
  const [name, program, first] = given
  it('starts, writes and reads nothing', ({ skip }) => {
    if (which(program) === undefined) return skip(`there is no ${program} here`)
    using tree = new Tree()
    const { sandbox } = tree
    if (sandbox === undefined) return skip('no limit of the number of processes holds here')
    const run = (scripts: readonly string[]) => tree.busy(sandbox, [program, first], scripts)
    const language = LANGUAGES[name]
    expect(run([language.busy])).toEqual([language.busy])
    const scripts = plain(language)
    for (let from = 0; from < scripts.length; from += BATCH)
      expect(run(scripts.slice(from, from + BATCH))).toEqual([])
  }, 600_000)
})

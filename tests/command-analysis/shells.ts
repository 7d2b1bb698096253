import { spawn } from 'node:child_process'
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { FILES, REAL, STUBS } from './shell-vocabulary.ts'
import { Sandbox, which } from './sandbox.ts'
import { makeStub } from './stub.ts'

export type ShellName = 'bash' | 'dash'

/** A program that was started: its name, and its words. */
export type Executed = readonly string[]

/**
 * Each line in a shell of its own, in the same folder, with nothing to read. Before a line its
 * number is written down, so that it is known which one never ended.
 */
function driverOf(lines: ReadonlyMap<number, string>): string {
  const runs = [...lines].map(
    ([id, line]) => `DECK_ID=${id}
printf '\\035%s\\036' $DECK_ID >>"$DECK_LOG"
( cd "$DECK_TREE" || exit; eval ${quoted(line)} ) </dev/null >/dev/null 2>&1
for made in "$DECK_TREE"/[fv]* "$DECK_TREE"/dir/[fv]*; do
  [ -e "$made" ] && /bin/rm -rf "$DECK_TREE"/[fv]* "$DECK_TREE"/dir/[fv]* && break
done
`,
  )
  return `export V='v w' E= G='*.txt' HOME=/home/nobody DECK_LOG DECK_ID
unset N X C
set -- one 'two words'
${runs.join('')}printf '\\035end\\036' >>"$DECK_LOG"
`
}

/** Quotes, whatever stands in it. */
function quoted(line: string): string {
  return `'${line.replaceAll("'", `'\\''`)}'`
}

/** How long one line may take. */
const LATE_MS = 5_000
const POLL_MS = 100

/** What shells really execute, by stub programs that write it down; in a sandbox. */
export class Shells implements Disposable {
  readonly #folder: string
  readonly #sandbox: Sandbox

  private constructor(folder: string, sandbox: Sandbox) {
    this.#folder = folder
    this.#sandbox = sandbox
  }

  /** Answers a reason where no shell can be tried safely. */
  static open(): Shells | string {
    const missing = ['bash', 'dash'].find((name) => which(name) === undefined)
    if (missing !== undefined) return `there is no ${missing} here`
    const folder = mkdtempSync(join(tmpdir(), 'deck-shells-'))
    chmodSync(folder, 0o755)
    const sandbox = Sandbox.find(folder)
    if (sandbox !== undefined) {
      fill(folder)
      return new Shells(folder, sandbox)
    }
    rmSync(folder, { recursive: true })
    return 'no limit of the number of processes holds here'
  }

  /** What a shell executed for each line, by its place. What never ended has no entry. */
  async executed(shell: ShellName, lines: readonly string[]): Promise<Map<number, Executed[]>> {
    const made = new Map<number, Executed[]>()
    for (let left = new Map(lines.entries()); left.size > 0;) {
      const { found, last } = await this.#run(shell, left)
      for (const [id, executed] of found) if (id !== last) made.set(id, executed)
      if (last === undefined) break
      left = new Map([...left].filter(([id]) => id > last))
    }
    return made
  }

  /** Runs lines until one of them does not end, which is `last`. */
  async #run(
    shell: ShellName,
    lines: ReadonlyMap<number, string>,
  ): Promise<{ found: Map<number, Executed[]>; last: number | undefined }> {
    const run = mkdtempSync(join(this.#folder, `${shell}-`))
    try {
      const [log, driver, tree] = ['log', 'driver', 'tree'].map((name) => join(run, name)) as [
        string,
        string,
        string,
      ]
      writeFileSync(log, '')
      writeFileSync(driver, driverOf(lines))
      cpSync(join(this.#folder, 'tree'), tree, { recursive: true })
      for (const path of [run, tree, join(tree, 'dir')]) chmodSync(path, 0o777)
      chmodSync(log, 0o666)
      await this.#untilLate([which(shell) as string, driver], {
        PATH: join(this.#folder, 'bin'),
        DECK_LOG: log,
        DECK_TREE: tree,
      })
      return recorded(readFileSync(log, 'utf8'), [...lines.keys()])
    } finally {
      rmSync(run, { recursive: true, force: true, maxRetries: 9 })
    }
  }

  /** Runs a driver until it ends, or one of its lines takes too long. */
  #untilLate(program: readonly string[], env: Record<string, string>): Promise<void> {
    const { words, end } = this.#sandbox.around(program)
    const options = { env, stdio: 'ignore', detached: true } as const
    const child = spawn(words[0] as string, words.slice(1), options)
    return new Promise((resolve, reject) => {
      let [since, line] = [Date.now(), '']
      const watch = setInterval(() => {
        const now = latestIn(env['DECK_LOG'] as string)
        if (now !== line) [since, line] = [Date.now(), now]
        else if (Date.now() - since > LATE_MS) end(child.pid as number)
      }, POLL_MS)
      child.on('error', reject)
      child.on('exit', () => {
        clearInterval(watch)
        end(child.pid as number)
        resolve()
      })
    })
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 9 })
  }
}

function latestIn(log: string): string {
  const text = readFileSync(log, 'latin1')
  return text.slice(text.lastIndexOf('\x1d'))
}

/** Folders, files and programs that lines are run with. */
function fill(folder: string): void {
  const bin = join(folder, 'bin')
  for (const path of [bin, join(folder, 'tree/dir')]) mkdirSync(path, { recursive: true })
  for (const file of FILES) writeFileSync(join(folder, 'tree', file), 'pc from a file\n')
  const stub = makeStub(folder)
  // Copies would be another program each; links keep the name that they are called by.
  for (const name of STUBS) symlinkSync(stub, join(bin, name))
  for (const name of REAL) {
    const path = which(name)
    if (path !== undefined) symlinkSync(path, join(bin, name))
  }
}

/** What a log says, and the line that did not end. */
function recorded(log: string, ids: readonly number[]) {
  const found = new Map<number, Executed[]>(ids.map((id) => [id, []]))
  let last: number | undefined = ids[0]
  for (const record of log.split('\x1e')) {
    if (record.startsWith('\x1d')) last = record === '\x1dend' ? undefined : Number(record.slice(1))
    else if (record !== '') {
      const [id, ...words] = record.split('\x1f')
      found.get(Number(id))?.push(words)
    }
  }
  return { found, last }
}

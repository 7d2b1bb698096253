import { posix } from 'node:path'
import { addressSpellings } from './address.ts'
import { commandsIn, type Reading } from '../../command-analysis/commands.ts'
import type { Action } from './types.ts'
import { quote } from '../../base/quote.ts'

/** The spellings of an action that a block or an ask is compared with. Made once for each question. */
export interface Spellings {
  action: Action
  /** Each spelling as a whole. */
  wholes: readonly string[]
  /** Places inside of those at which another spelling begins. A pattern that begins with a star need not look at them. */
  starts: readonly Start[]
}

export interface Start {
  text: string
  from: number
}

export function spellings(action: Action): Spellings {
  if (isCommand(action.type)) return ofCommand(action)
  const also =
    action.type === 'net'
      ? addressSpellings(action.target)
      : action.type === 'file'
        ? ofPath(action)
        : []
  return { action, wholes: [...new Set([action.target, ...also])], starts: [] }
}

export function isCommand(type: string): boolean {
  return (
    type === 'exec' || type.startsWith('exec.') || type === 'shell' || type.startsWith('shell.')
  )
}

/** One way to write some words, and where each begins in it. */
interface Written {
  text: string
  words: readonly string[]
  places: readonly number[]
}

function ofCommand(action: Action): Spellings {
  const wholes = new Set([action.target])
  const starts: Start[] = []
  const known = new Map<readonly string[], Written[]>()
  for (const reading of commandsIn(action).readings) {
    let written = known.get(reading.words)
    if (written === undefined) known.set(reading.words, (written = ways(reading.words)))
    for (const way of written) place(reading, way, wholes, starts)
  }
  return { action, wholes: [...wholes], starts }
}

const CLUSTER = /^-[A-Za-z]{2,32}$/
const MOST_LETTERS = 12

/** As they are, as a shell wants them, and with short options on their own, each of them first once: `-uf` is `-f -u`. */
function ways(words: readonly string[]): Written[] {
  const all = [words, words.map((w) => quote([w]))]
  const clusters = new Map(
    words
      .filter((w) => CLUSTER.test(w))
      .map((w) => [w, [...new Set(w.slice(1))].map((c) => `-${c}`)]),
  )
  const most = Math.min(
    MOST_LETTERS,
    Math.max(0, ...[...clusters.values()].map((letters) => letters.length)),
  )
  for (let turn = 0; turn < most; turn++) {
    all.push(
      words.map((w) => {
        const letters = clusters.get(w)
        return letters === undefined
          ? w
          : [...letters.slice(turn), ...letters.slice(0, turn)].join(' ')
      }),
    )
  }
  const texts = new Set<string>()
  return all.flatMap((spelled) => {
    const text = spelled.join(' ')
    if (texts.has(text)) return []
    texts.add(text)
    let at = 0
    return [
      {
        text,
        words: spelled,
        places: spelled.map((w) => {
          const here = at
          at += w.length + 1
          return here
        }),
      },
    ]
  })
}

function place(
  { head, at }: Reading,
  { text, words, places }: Written,
  wholes: Set<string>,
  starts: Start[],
): void {
  const before = words[at - 1]
  if (before !== undefined && before.endsWith(head)) {
    const from = (places[at - 1] as number) + before.length - head.length
    if (from === 0) wholes.add(text)
    else starts.push({ text, from })
    return
  }
  wholes.add(at < words.length ? `${head} ${text.slice(places[at])}` : head)
}

/** With and without its verb, and where it leads from the working folder. */
function ofPath({ target, cwd }: Action): string[] {
  const verb = /^[A-Za-z]+ +(?=\S)/.exec(target)?.[0] ?? ''
  const path = target.slice(verb.length)
  const leads = cwd.startsWith('/')
    ? posix.join(path.startsWith('/') ? '/' : cwd, path)
    : posix.normalize(path)
  return [path, leads, `${verb.trim()} ${leads}`.trim()]
}

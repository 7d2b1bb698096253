import { quoteWord } from '../../base/quote.ts'
import { type Given } from '../invocation.ts'
import { baseName } from '../paths.ts'
import type { Command } from '../types.ts'
import type { Word } from '../word.ts'

/**
 * The texts in which a command is looked for by patterns that ask or block: as it is written, as
 * its program gets it, and by usual names, with options on their own. All of them mean this command
 * and nothing else.
 */
export function spelledOut({ words, invocation, source }: Command): string[] {
  const head = words[0]
  if (head === undefined) return [source]
  const rest = words.slice(1)
  const parts = rest.map(said)
  const plain = parts.join(' ')
  const name = said(head)
  const base = baseName(name)
  const texts = [joined(base, plain), source]
  if (rest.some(({ text }) => text !== undefined && !PLAIN.test(text)))
    texts.push(joined(base, rest.map(quoted).join(' ')))
  if (base !== name) texts.push(joined(name, plain))
  if (invocation.program?.style === 'gnu' && parts.some(isCluster))
    texts.push(joined(base, parts.map(apart).join(' ')))
  return [...new Set([...texts, ...usual(words, invocation)])]
}

const PLAIN = /^[A-Za-z0-9_@%+=:,./-]+$/
const CLUSTER = /^-[A-Za-z]{2,32}$/

function isCluster(text: string): boolean {
  return text.startsWith('-') && CLUSTER.test(text)
}

/** `-uf` as `-u -f`. */
function apart(text: string): string {
  return isCluster(text) ? `-${text.slice(1).split('').join(' -')}` : text
}

function said({ text, source }: Word): string {
  return text ?? source
}

function quoted({ text, source }: Word): string {
  return text === undefined ? source : quoteWord(text)
}

function joined(head: string, rest: string): string {
  return rest === '' ? head : `${head} ${rest}`
}

/**
 * By the program's and the verbs' usual names, without options before them; options once as they
 * are, and once by their long names.
 */
function usual(words: readonly Word[], invocation: Command['invocation']): string[] {
  const { program, verbs, options } = invocation
  if (program === undefined) return []
  const isUsual = program.name === words[0]?.text
  if (isUsual && options.length === 0 && verbs.every(({ name, at }) => words[at]?.text === name))
    return []
  const last = verbs.at(-1)?.at ?? 0
  const names = [program.name, ...verbs.map(({ name }) => name)].join(' ')
  const [short, long] = [new Map<number, string[]>(), new Map<number, string[]>()]
  for (const given of options) {
    if (given.at <= last) continue
    add(short, given, given.written)
    add(long, given, given.option?.names.at(-1) ?? given.written)
  }
  const values = new Set(options.map(({ valueAt }) => valueAt))
  const write = (by: Map<number, string[]>): string => {
    const texts = [names]
    for (let at = last + 1; at < words.length; at++) {
      const given = by.get(at)
      if (given !== undefined) texts.push(...given)
      else if (!values.has(at)) texts.push(said(words[at] as Word))
    }
    return texts.join(' ')
  }
  return [write(short), write(long)]
}

function add(by: Map<number, string[]>, { at, value, valueAt }: Given, name: string): void {
  const sign = valueAt === at && name.startsWith('--') ? '=' : ' '
  const text = value === undefined ? name : `${name}${sign}${said(value)}`
  const before = by.get(at)
  if (before === undefined) by.set(at, [text])
  else before.push(text)
}

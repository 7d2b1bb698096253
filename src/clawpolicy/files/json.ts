import { Float, floatText } from '../text.ts'

/**
 * A JSON value that loses nothing: ints and floats stay apart (`1` is not `1.0`), keys keep their
 * order even when they look like numbers. A plain number is an int; what does not fit one is a
 * bigint.
 */
export type Json = null | boolean | string | number | bigint | Float | Json[] | JsonObject
export type JsonObject = Map<string, Json>

/** JSON text that cannot be read: why, and where in characters from the start. */
export class JsonError extends Error {
  readonly at: number
  constructor(message: string, at: number) {
    super(message)
    this.name = 'JsonError'
    this.at = at
  }
}

const DEEPEST = 200
const BLANK = /[ \t\n\r]*/y
const NUMBER = /-?(?:0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?/y
const PLAIN = /[^"\\\u0000-\u001f]*/y
const WORDS: [string, Json][] = [
  ['null', null],
  ['true', true],
  ['false', false],
  ['NaN', new Float(NaN)],
  ['Infinity', new Float(Infinity)],
  ['-Infinity', new Float(-Infinity)],
]
const ESCAPES: Record<string, string> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
}

/** Reads one JSON value. Throws JsonError with the place. */
export function readJson(text: string): Json {
  return new Reader(text).whole()
}

class Reader {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  whole(): Json {
    const read = this.#value(0)
    this.#blank()
    return this.#at === this.#text.length ? read : this.#fail('more text after the value')
  }

  #fail(why: string, where = this.#at): never {
    throw new JsonError(why, where)
  }

  #blank(): void {
    if (this.#text.charCodeAt(this.#at) > 0x20) return
    BLANK.lastIndex = this.#at
    BLANK.test(this.#text)
    this.#at = BLANK.lastIndex
  }

  #value(depth: number): Json {
    if (depth > DEEPEST) this.#fail('nested too deeply')
    this.#blank()
    const char = this.#text[this.#at]
    if (char === '"') return this.#string()
    if (char === '{') return this.#object(depth)
    if (char === '[') return this.#list(depth)
    if (char === undefined || (char >= '0' && char <= '9')) return this.#number()
    for (const [word, meant] of WORDS)
      if (this.#text.startsWith(word, this.#at)) {
        this.#at += word.length
        return meant
      }
    return this.#number()
  }

  #number(): Json {
    NUMBER.lastIndex = this.#at
    const found = NUMBER.exec(this.#text)
    if (found === null)
      return this.#fail(
        this.#at >= this.#text.length
          ? 'the text ends where a value should be'
          : 'expected a value',
      )
    this.#at = NUMBER.lastIndex
    const [digits, point, power] = found
    const number = Number(digits)
    if (point !== undefined || power !== undefined) return new Float(number)
    // An int has no negative zero.
    if (number === 0) return 0
    return Number.isSafeInteger(number) ? number : BigInt(digits)
  }

  #string(): string {
    const start = this.#at++
    let made = ''
    for (;;) {
      PLAIN.lastIndex = this.#at
      PLAIN.test(this.#text)
      made += this.#text.slice(this.#at, PLAIN.lastIndex)
      this.#at = PLAIN.lastIndex
      const char = this.#text[this.#at]
      if (char === '"') {
        this.#at++
        return made
      }
      if (char === undefined) this.#fail('a string is not closed', start)
      if (char !== '\\') this.#fail('a control character in a string')
      made += this.#escape()
    }
  }

  #escape(): string {
    const char = this.#text[this.#at + 1] ?? ''
    const short = ESCAPES[char]
    if (short !== undefined) {
      this.#at += 2
      return short
    }
    const hex = this.#text.slice(this.#at + 2, this.#at + 6)
    if (char !== 'u' || !/^[0-9a-fA-F]{4}$/.test(hex)) return this.#fail('an invalid escape')
    this.#at += 6
    return String.fromCharCode(parseInt(hex, 16))
  }

  #list(depth: number): Json[] {
    const items: Json[] = []
    if (this.#empty(']')) return items
    do items.push(this.#value(depth + 1))
    while (this.#more(']'))
    return items
  }

  #object(depth: number): JsonObject {
    const entries: JsonObject = new Map()
    if (this.#empty('}')) return entries
    do {
      this.#blank()
      if (this.#text[this.#at] !== '"') this.#fail('expected a key')
      const key = this.#string()
      this.#blank()
      if (this.#text[this.#at] !== ':') this.#fail('expected a colon')
      this.#at++
      entries.set(key, this.#value(depth + 1))
    } while (this.#more('}'))
    return entries
  }

  /** Past an opening bracket; past its closing one too, if nothing stands between. */
  #empty(end: string): boolean {
    this.#at++
    this.#blank()
    if (this.#text[this.#at] !== end) return false
    this.#at++
    return true
  }

  /** Past a comma; past the closing bracket if there is none. */
  #more(end: string): boolean {
    this.#blank()
    const char = this.#text[this.#at]
    if (char !== end && char !== ',') this.#fail(`expected a comma or ${end}`)
    this.#at++
    return char === ','
  }
}

/**
 * JSON on one line, or each entry on its own line with so many spaces; keys in their order, or
 * sorted.
 */
interface JsonLayout {
  indent?: number
  sorted?: boolean
}

/** Writes a value: `", "` and `": "` between, non-ASCII as it is. */
export function writeJson(value: Json, { indent = 0, sorted = false }: JsonLayout = {}): string {
  const line = (depth: number) => `\n${' '.repeat(indent * depth)}`
  const joined = (open: string, items: string[], close: string, depth: number) => {
    if (items.length === 0) return open + close
    return indent === 0
      ? open + items.join(', ') + close
      : open + line(depth + 1) + items.join(`,${line(depth + 1)}`) + line(depth) + close
  }
  const write = (item: Json, depth: number): string => {
    if (typeof item === 'string') return jsonString(item)
    if (item instanceof Float) return floatText(item.value)
    if (Array.isArray(item))
      return joined(
        '[',
        item.map((inner) => write(inner, depth + 1)),
        ']',
        depth,
      )
    if (!(item instanceof Map))
      return typeof item === 'number' && !Number.isSafeInteger(item)
        ? floatText(item)
        : String(item)
    const keys = sorted ? [...item.keys()].sort(byCodePoints) : [...item.keys()]
    return joined(
      '{',
      keys.map((key) => `${jsonString(key)}: ${write(item.get(key) as Json, depth + 1)}`),
      '}',
      depth,
    )
  }
  return write(value, 0)
}

/** Escapes as the format does, and also lone surrogates, which have no UTF-8. */
function jsonString(text: string): string {
  return JSON.stringify(text)
}

/** UTF-16 order is not code point order above the basic plane. */
function byCodePoints(a: string, b: string): number {
  if (a === b) return 0
  for (let i = 0; i < a.length && i < b.length; i++) {
    if (a[i] === b[i]) continue
    const [x, y] = [a.charCodeAt(i), b.charCodeAt(i)]
    const [highX, highY] = [x >= 0xd800 && x < 0xe000, y >= 0xd800 && y < 0xe000]
    if (highX === highY) return x - y
    return highX ? 1 : -1
  }
  return a.length - b.length
}

/** A plain object's entries, in order, as a JSON object. */
export function jsonObject(entries: Record<string, Json>): JsonObject {
  return new Map(Object.entries(entries))
}

/** JSON as JavaScript has it: ints and floats are numbers, objects are plain. */
export type PlainJson =
  | null
  | boolean
  | string
  | number
  | bigint
  | readonly PlainJson[]
  | { readonly [key: string]: PlainJson }

/** A value as JavaScript has it. */
export function plainJson(value: Json): PlainJson {
  if (value instanceof Float) return value.value
  if (Array.isArray(value)) return value.map(plainJson)
  if (!(value instanceof Map)) return value
  return Object.fromEntries([...value].map(([key, item]) => [key, plainJson(item)]))
}

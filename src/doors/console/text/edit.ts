import type { Key } from '../keys/parse.ts'

/** A line being typed: its text and the index of the caret. */
export interface Edit {
  text: string
  caret: number
}

export function edit(text = ''): Edit {
  return { text, caret: text.length }
}

const MAX_CHARS = 4096

/** The line after a key; undefined if the key does not edit a line. */
export function applyKey(line: Edit, key: Key): Edit | undefined {
  if (key.name === 'paste') return insert(line, key.text.replace(/[\r\n\t]+/g, ' '))
  if (key.text !== '') return insert(line, key.text)
  return EDITS[key.name]?.(line)
}

function insert({ text, caret }: Edit, more: string): Edit {
  const piece = more.slice(0, Math.max(0, MAX_CHARS - text.length))
  return { text: text.slice(0, caret) + piece + text.slice(caret), caret: caret + piece.length }
}

const EDITS: Record<string, (line: Edit) => Edit> = {
  left: ({ text, caret }) => ({ text, caret: before(text, caret) }),
  right: ({ text, caret }) => ({ text, caret: after(text, caret) }),
  home: ({ text }) => ({ text, caret: 0 }),
  'ctrl-a': ({ text }) => ({ text, caret: 0 }),
  end: ({ text }) => ({ text, caret: text.length }),
  'ctrl-e': ({ text }) => ({ text, caret: text.length }),
  backspace: ({ text, caret }) => ({
    text: text.slice(0, before(text, caret)) + text.slice(caret),
    caret: before(text, caret),
  }),
  delete: ({ text, caret }) => ({
    text: text.slice(0, caret) + text.slice(after(text, caret)),
    caret,
  }),
  'ctrl-u': ({ text, caret }) => ({ text: text.slice(caret), caret: 0 }),
  'ctrl-k': ({ text, caret }) => ({ text: text.slice(0, caret), caret }),
  'ctrl-w': ({ text, caret }) => {
    const kept = text.slice(0, caret).replace(/\S+\s*$/, '')
    return { text: kept + text.slice(caret), caret: kept.length }
  },
}

function before(text: string, caret: number): number {
  const code = text.charCodeAt(caret - 1)
  return Math.max(0, caret - (code >= 0xdc00 && code <= 0xdfff ? 2 : 1))
}

function after(text: string, caret: number): number {
  const code = text.charCodeAt(caret)
  return Math.min(text.length, caret + (code >= 0xd800 && code <= 0xdbff ? 2 : 1))
}

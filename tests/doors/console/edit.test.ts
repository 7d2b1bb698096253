import { describe, expect, test } from 'vitest'
import type { Key } from '../../../src/doors/console/keys/parse.ts'
import { applyKey, edit, type Edit } from '../../../src/doors/console/text/edit.ts'

const key = (name: string): Key => ({ name, text: name.length === 1 ? name : '' })
const type = (start: Edit, ...names: string[]): Edit =>
  names.reduce((line, name) => applyKey(line, key(name)) ?? line, start)

describe('a line being typed', () => {
  test('letters are inserted at the caret', () => {
    expect(type(edit('ac'), 'left', 'b')).toEqual({ text: 'abc', caret: 2 })
  })
  test('deletes by letter, word and line', () => {
    expect(type(edit('git push'), 'ctrl-w').text).toBe('git ')
    expect(type(edit('abc'), 'left', 'backspace').text).toBe('ac')
    expect(type(edit('abc'), 'home', 'delete').text).toBe('bc')
    expect(type(edit('abc'), 'left', 'ctrl-u')).toEqual({ text: 'c', caret: 0 })
  })
  test('a surrogate pair is one letter', () => {
    expect(type(edit('a😀'), 'backspace').text).toBe('a')
  })
  test('a paste is text with its lines joined', () => {
    expect(applyKey(edit(), { name: 'paste', text: 'a\r\nb' })?.text).toBe('a b')
  })
  test('other keys do nothing', () => {
    expect(applyKey(edit('a'), key('enter'))).toBeUndefined()
  })
})

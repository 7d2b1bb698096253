import { expect, test } from 'vitest'
import { asFault, Fault } from '../../src/base/fault.ts'

const failed = (code: string): Error =>
  Object.assign(new Error(`${code}: it failed, write`), { code })

test('a fault stays itself', () => {
  const fault = new Fault('not.found', 'no such agent')
  expect(asFault(fault)).toBe(fault)
})

test.each(['ENOSPC', 'EDQUOT'])(
  '%s is not reported as a defect, and the hint says what to do',
  (code) => {
    const cause = failed(code)
    expect(asFault(cause)).toMatchObject({
      code: 'not.possible',
      message: `nothing can be written to disk (${code}: it failed, write)`,
      hint: expect.stringContaining('Free disk space'),
      cause,
    })
  },
)

test('anything else is a defect with its cause', () => {
  expect(asFault(failed('EIO'))).toMatchObject({
    code: 'bug',
    hint: expect.stringContaining('a defect'),
    cause: failed('EIO'),
  })
  expect(asFault('words')).toMatchObject({ code: 'bug', message: 'words' })
})

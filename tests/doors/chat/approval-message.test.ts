import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { plain } from '../../../src/base/text.ts'
import {
  approvalMessages,
  outcomeMessage,
  riskMessage,
} from '../../../src/doors/chat/approval-message.ts'
import { readTap } from '../../../src/doors/chat/buttons.ts'
import type { Approval } from '../../../src/domain/approvals/types.ts'
import type { ChatMessage } from '../../../src/ports/chat-bot.ts'
import { anAction, anApproval } from '../../support/fake-rows.ts'

const NOW = Date.UTC(2026, 0, 1)

/** Anything that an agent may say, long and hostile. */
const hostile = fc.record({
  target: fc.oneof(
    fc.string({ unit: 'binary', maxLength: 6000 }),
    fc.integer({ min: 0, max: 20_000 }).map((n) => 'x\u202e😀'.repeat(n)),
  ),
  argv: fc.array(fc.string({ unit: 'binary', maxLength: 300 }), { maxLength: 20 }),
  cwd: fc.string({ unit: 'binary', maxLength: 300 }),
  goal: fc.string({ unit: 'binary', maxLength: 3000 }),
  scope: fc.string({ unit: 'binary', maxLength: 500 }),
  systems: fc.array(fc.string({ unit: 'binary', maxLength: 200 }), { maxLength: 30 }),
})

const asked = hostile.map((part): Approval => {
  const many = Array.from({ length: 30 }, (_, i) => ({ label: part.goal + String(i), points: i }))
  return anApproval('apr_0123456789abc', {
    action: anAction(part),
    risk: { score: 90, factors: many },
    reasons: many.map(({ label }) => ({ layer: 'policy', text: label })),
    note: part.goal,
  })
})

const blockOf = ({ text, blocks }: ChatMessage): string =>
  (blocks ?? []).map(({ from, to }) => text.slice(from, to)).join('')

describe('the messages of a request', () => {
  test('fit, are safe to show, and hold all of what would run or cannot allow it', () => {
    fc.assert(
      fc.property(asked, (a) => {
        const { messages, whole } = approvalMessages(a, { now: NOW, decides: true })
        const all = [...messages, riskMessage(a, a.action.goal), outcomeMessage(a)]
        for (const { text, blocks } of all) {
          expect(text.length).toBeLessThanOrEqual(4096)
          expect(text).toBe(text.trim())
          expect(text.split('\n').every((line) => plain(line, Infinity) === line)).toBe(true)
          for (const { from, to } of blocks ?? []) expect(from < to && to <= text.length).toBe(true)
        }
        const shown = messages.map(blockOf).join('')
        const target = plain(a.action.target, Infinity)
        expect(shown.slice(0, target.length)).toBe(target.slice(0, shown.length))
        if (whole) expect(shown.length).toBeGreaterThanOrEqual(target.length)
        const labels = (messages.at(-1)?.buttons ?? []).flat().map(({ label }) => label)
        expect(labels).toEqual(whole ? ['Allow', 'Deny', 'Details'] : ['Deny', 'Details'])
      }),
    )
  })

  test('say how much is missing of what is too long, and cannot allow it', () => {
    const a = anApproval('apr_0123456789abc', { action: anAction({ target: 'x'.repeat(50_000) }) })
    const { messages, whole } = approvalMessages(a, { now: NOW, decides: true })
    expect(whole).toBe(false)
    expect(messages.at(-1)?.text).toMatch(/\d{5} characters more are not shown here/)
  })

  test('have buttons that name what they ask for, and fit', () => {
    const a = anApproval('apr_0123456789abc', { risk: { score: 100, factors: [] } })
    const shown = approvalMessages(a, { now: NOW, decides: true }).messages
    const buttons = [...shown, riskMessage(a, undefined)].flatMap((m) => (m.buttons ?? []).flat())
    expect(buttons.map(({ data }) => readTap(data)?.verb)).toEqual([
      'allow',
      'deny',
      'details',
      'risk',
      'back',
    ])
    for (const { data } of buttons) expect(Buffer.byteLength(data)).toBeLessThanOrEqual(64)
  })
})

describe('what a tap gives back', () => {
  test('is nothing unless a button of the deck says it', () => {
    for (const data of [
      '',
      'allow',
      'allow:apr_x',
      'allow:apr_x:0123456789ABCDEF',
      'sure:a1',
      'x:1',
    ])
      expect(readTap(data), data).toBeUndefined()
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (data) => {
        expect(readTap(data)).toBeUndefined()
      }),
    )
  })
})

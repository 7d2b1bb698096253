import { describe, expect, test } from 'vitest'
import type { WorldFrame } from '../../../src/commands/wire.ts'
import { alertsOf, Attention } from '../../../src/doors/console/attention.ts'
import { notificationFor } from '../../../src/doors/console/notification.ts'
import { applyFrames, emptyWorld } from '../../../src/doors/console/store/world.ts'
import type { ConsoleStore } from '../../../src/doors/console/store/state.ts'
import { questionOf } from '../../../src/domain/alerts/rules.ts'
import type { Approval } from '../../../src/domain/approvals/types.ts'
import type { DeckEvent, EventBodies, EventType } from '../../../src/journal/types.ts'
import { fleet } from '../../support/fake-fleet.ts'
import { FakeLink } from '../../support/fake-link.ts'
import { anApproval } from '../../support/fake-rows.ts'

describe('a notification', () => {
  const text = 'a1 asks: exec ls; \u001b]0;x\u0007 \u202e'

  test.each([
    [{ TERM: 'xterm-256color' }, '\u001b]9;clawdeck: a1 asks: exec ls; ␛]0;x␇ �\u0007'],
    [{ TERM: 'foot' }, '\u001b]777;notify;clawdeck;a1 asks: exec ls, ␛]0,x␇ �\u0007'],
    [{ VTE_VERSION: '7600' }, '\u001b]777;notify;clawdeck;a1 asks: exec ls, ␛]0,x␇ �\u0007'],
    [
      { TERM: 'xterm-kitty' },
      '\u001b]99;i=clawdeck:d=0;clawdeck\u001b\\\u001b]99;i=clawdeck:d=1:p=body;a1 asks: exec ls; ␛]0;x␇ �\u001b\\',
    ],
    [
      { TERM: 'tmux-256color', TMUX: '/tmp/tmux' },
      '\u001bPtmux;\u001b\u001b]9;clawdeck: a1 asks: exec ls; ␛]0;x␇ �\u0007\u001b\\',
    ],
  ])('is what the terminal of %j understands, and nothing else', (env, sequence) => {
    expect(notificationFor(env)(text)).toBe(sequence)
  })

  test('is short', () => {
    expect(notificationFor({})('x'.repeat(10_000)).length).toBeLessThan(200)
  })
})

const NOON = new Date(2026, 0, 15, 12).getTime()
const NIGHT = new Date(2026, 0, 15, 23).getTime()

/** A console's attention, and what it writes, at a time. */
function attending(quietHours: string | null = '22:00-07:00') {
  const first: WorldFrame = { kind: 'world', world: new FakeLink(fleet()).world_ }
  let world = applyFrames(emptyWorld(), [first])
  let written = ''
  let now = NOON
  let seq = 1000
  const store = { getState: () => ({ world }) } as unknown as ConsoleStore
  const choice = { theme: 'dark', bell: true, notify: true, quietHours }
  const alerts = { ...alertsOf({ env: {}, choice, who: async () => 'maya' }), now: () => now }
  const attention = new Attention(store, (bytes) => (written += bytes), alerts)
  const tell = (frame: Partial<Extract<WorldFrame, { kind: 'delta' }>>): void => {
    const frames: WorldFrame[] = [{ kind: 'delta', seq: ++seq, events: [], rows: [], ...frame }]
    world = applyFrames(world, frames)
    attention.seen(frames)
  }
  attention.seen([first])
  return {
    at: (time: number) => {
      now = time
    },
    row: (approval: Approval) =>
      tell({ rows: [{ noun: 'approval', id: approval.id, row: approval }] }),
    event: <T extends EventType>(type: T, body: EventBodies[T]) =>
      tell({ events: [{ seq: ++seq, at: now, type, subject: 'a1', body } as DeckEvent] }),
    /** The notifications since the last call. */
    said: (): string[] => {
      const all = [...written.matchAll(/\u001b\]9;clawdeck: ([^\u0007]*)\u0007/g)]
      written = ''
      return all.map(([, text]) => text ?? '')
    },
  }
}

const low = (id: string, more: Partial<Approval> = {}): Approval => {
  const approval = anApproval(id)
  return { ...approval, risk: { ...approval.risk, score: 20 }, ...more }
}

describe('attention', () => {
  test('tells of what is new, and that nobody answered', () => {
    const console = attending()
    console.row(low('apr_n'))
    console.row(low('apr_n', { state: 'expired' }))
    console.event('approval.expired', { id: 'apr_n', note: 'nobody decided in time' })
    console.event('approval.expired', { id: 'apr_n', note: 'the agent was stopped' })
    expect(console.said()).toEqual([
      expect.stringMatching(/^backend asks: exec git push/),
      expect.stringMatching(/^Nobody answered: backend asked: exec git push/),
    ])
  })

  test('in quiet hours tells only what is urgent, and the rest as one summary at their end', () => {
    const console = attending()
    console.at(NIGHT)
    console.row(low('apr_n1'))
    console.row(low('apr_n2'))
    console.row(low('apr_n2', { state: 'expired' }))
    console.event('approval.expired', { id: 'apr_n2', note: 'nobody decided in time' })
    expect(console.said()).toEqual([])
    console.row({ ...anApproval('apr_n3'), risk: { ...anApproval('x').risk, score: 70 } })
    expect(console.said()).toHaveLength(1)
    console.at(new Date(2026, 0, 16, 7).getTime())
    console.event('operator.came', { id: 'ada', door: 'console' })
    expect(console.said()).toEqual([
      '2 questions came in quiet hours: 1 still waits, 1 expired unanswered',
    ])
    console.event('operator.came', { id: 'ada', door: 'console' })
    expect(console.said()).toEqual([])
  })

  test('hears of steps that name consoles, or who sits here', async () => {
    const console = attending(null)
    const body = { id: 'apr_1', step: 1, of: 1, question: questionOf(low('apr_1')) }
    console.event('approval.escalated', { ...body, to: ['webhook:ops'] })
    console.event('approval.escalated', { ...body, to: ['console'] })
    console.event('approval.escalated', { ...body, to: ['operator:ada'] })
    console.event('approval.escalated', { ...body, to: ['operator:maya'] })
    await Promise.resolve()
    await Promise.resolve()
    const said = console.said()
    expect(said).toHaveLength(2)
    expect(said[0]).toMatch(/^backend asks: exec git push/)
  })
})

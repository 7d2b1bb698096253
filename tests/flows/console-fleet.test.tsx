import { afterEach, describe, expect, test } from 'vitest'
import { fleet } from '../support/fake-fleet.ts'
import { FakeLink } from '../support/fake-link.ts'
import { anAgent, anApproval, anAction, facts } from '../support/fake-rows.ts'
import { Screen, stopClock } from '../support/screen.ts'
import { Fault } from '../../src/base/fault.ts'

let screen: Screen
const open = async (link: FakeLink, columns = 110, rows = 30): Promise<Screen> => {
  screen = new Screen(columns, rows).open(link)
  return screen.expect(/\d up/)
}
afterEach(() => screen.close())

describe('the fleet', () => {
  test('restart asks first, and is shown until it is done', async () => {
    const link = new FakeLink(fleet())
    let done = (): void => undefined
    link.answers.set(
      'agent.restart',
      () =>
        new Promise<void>((resolve) => {
          done = resolve
        }),
    )
    const deck = await open(link)
    await deck.press('R').expect('Restart agent backend?')
    await deck.press('y').expectRow('backend', 'restart')
    expect(link.asked.at(-1)).toEqual({ id: 'agent.restart', input: { agent: 'backend' } })
    done()
    await deck.expect('Restart agent backend: done')
  })

  test('an act that is not possible says why', async () => {
    const deck = await open(new FakeLink(fleet()))
    await deck.press('s').expect('backend is already up')
  })

  test('deleting takes typing the name', async () => {
    const link = new FakeLink(fleet())
    const deck = await open(link)
    await deck.press('j', 'j', 'D').expect('to confirm')
    deck.type('wrong').press('enter')
    await deck.expect('Type legacy to confirm')
    expect(link.asked).toEqual([])
    deck.press('ctrl-u').type('legacy').press('enter')
    await deck.expect('Delete agent legacy: done')
    expect(link.asked).toEqual([{ id: 'agent.delete', input: { agent: 'legacy' } }])
  })

  test('the wizard asks for a template, then a name', async () => {
    const link = new FakeLink({})
    const deck = await open(link)
    await deck.expect('Welcome to clawdeck')
    await deck.press('c').expect('does what a coder does')
    await deck.press('down').expectRow('▸', 'devops')
    await deck.press('enter').expect('Create agent from devops')
    deck.press('ctrl-u').type('ops-1').press('enter')
    await deck.expect('Create agent ops-1: done')
    expect(link.asked.at(-1)).toEqual({
      id: 'agent.create',
      input: { template: 'devops', agent: 'ops-1' },
    })
    // The new agent is mirrored only after the answer.
    link.agent(anAgent('aaa', { phase: 'stopped' }))
    link.agent(anAgent('ops-1', { template: 'devops', phase: 'created' }))
    await deck.expectRow('▸', 'ops-1')
  })

  test('a wrong name keeps the form open and says what names are like', async () => {
    const deck = await open(new FakeLink({}))
    await deck.press('c').expect('coder')
    await deck.press('enter').expect('Create agent from coder')
    deck.press('ctrl-u').type('Not A Name').press('enter')
    await deck.expect('must be 1 to 32')
  })

  test('the palette finds commands by letters; help says why some do not work', async () => {
    const link = new FakeLink(fleet())
    link.answers.set('policy.explain', () => ({
      agent: 'backend',
      can: ['read its workspace'],
      asks: ['git push'],
      cannot: ['reach the network'],
      notEnforced: [],
    }))
    const deck = await open(link)
    await deck.press(':').expect('Commands')
    deck.type('expl').press('enter')
    await deck.expect('✓ read its workspace')
    await deck.expect('✕ reach the network')
    await deck.press('esc').expectGone('read its workspace')
    await deck.press('?').expect('keys that work now')
    await deck
      .press('G', ...Array.from({ length: 24 }, () => 'k'))
      .expectRow('Start agent', 'backend is already up')
  })

  test('a filter narrows a pane, and Esc shows all rows', async () => {
    const deck = await open(new FakeLink(fleet()))
    await deck.press('/').type('sec').expectGone('legacy')
    await deck.press('enter').expectRow('1 of 5')
    await deck.press('esc').expect('legacy')
  })

  test('logs follow, pause and filter', async () => {
    const link = new FakeLink(fleet())
    link.answers.set('agent.logs', () =>
      Array.from({ length: 300 }, (_, i) => ({
        at: Date.now(),
        stream: 'stdout',
        text: `line ${i} ${i % 50 === 0 ? 'round' : ''}`,
      })),
    )
    const deck = await open(link)
    await deck.press('l').expect('line 299')
    await deck.press('k').expect('paused')
    await deck.press('G').expect('● following')
    deck.press('/').type('round')
    await deck.expect('6 of 300')
  })

  test('an opened approval shows everything, live', async () => {
    const link = new FakeLink(fleet())
    const deck = await open(link)
    await deck.press('2', 'enter').expect('publish the fix for the login page')
    await deck.expectRow('+25', 'not reversible')
    link.decideNow('apr_1', 'denied')
    await deck.expectRow('state', 'denied by operator:console')
  })
})

describe('states', () => {
  test('without a supervisor it says what to do, and reconnects by itself', async () => {
    const link = new FakeLink(fleet())
    const deck = await open(link)
    link.fall()
    await deck.expect('NOT CONNECTED')
    await deck.press('2', 'y').expect('not connected to the supervisor')
    link.rise()
    await deck.expect('Connected to the supervisor again')
  })

  test('a backend that is not ready says what to do', async () => {
    const deck = await open(
      new FakeLink({
        deck: {
          ...facts,
          backend: {
            ...facts.backend,
            ready: false,
            title: 'podman',
            problems: [{ what: 'podman is not installed', fix: 'apt-get install podman' }],
          },
        },
      }),
    )
    await deck.expect('podman is not installed:')
    await deck.expect('clawdeck doctor')
  })

  test.each([80, 110])(
    'a broken journal is said in the first line, with %i columns',
    async (columns) => {
      const journalProblem =
        'the journal is broken: it ends at event 4, but event 9 had been written'
      const link = new FakeLink({ ...fleet(), deck: { ...facts, verified: false, journalProblem } })
      screen = new Screen(columns, 24).open(link)
      await screen.expect('BROKEN: everything asks')
    },
  )

  test('a fault is shown with its hint', async () => {
    const link = new FakeLink(fleet())
    link.answers.set('agent.start', () => {
      throw new Fault('backend.unavailable', 'podman does not answer', {
        hint: 'Try clawdeck doctor.',
      })
    })
    const deck = await open(link)
    await deck.press('G', 's').expect('podman does not answer. Try clawdeck doctor.')
  })

  test('a drifted agent shows its drift, and another key starts it with force', async () => {
    const link = new FakeLink(fleet())
    const deck = await open(link)
    await deck.press('j', 'j', 's').expect('Start legacy with force?')
    await deck.expect(/image: was sha256:a+…, is sha256:b+…/)
    await deck.press('y').expect('Press f to confirm')
    expect(link.asked).toEqual([])
    deck.press('f')
    await deck.expect('Start agent legacy: done')
    expect(link.asked).toEqual([{ id: 'agent.start', input: { agent: 'legacy', force: true } }])
  })

  test('a start refused because of drift offers force, which earlier keys do not confirm', async () => {
    const clock = stopClock()
    const link = new FakeLink(fleet())
    link.answers.set('agent.start', ({ force }) => {
      if (force !== true) throw new Fault('drift', 'ops is not what was locked')
      return {}
    })
    link.answers.set('policy.validate', () => ({
      ok: false,
      drift: [{ what: 'template', from: 'one', to: 'two' }],
    }))
    const deck = await open(link)
    await deck.press('G', 's').expect('template: was one, is two')
    await deck.press('f').expect('Keys ignored')
    expect(link.asked.some((a) => a.input['force'] === true)).toBe(false)
    clock.pass(400)
    await deck.press('f').expect('Start agent ops: done')
  })

  test('deleting a running agent says that it will be stopped', async () => {
    const link = new FakeLink(fleet())
    const deck = await open(link)
    await deck.press('D').expect('It is running. It will be stopped first')
    deck.type('backend').press('enter')
    await deck.expect('Delete agent backend: done')
    expect(link.asked).toEqual([{ id: 'agent.delete', input: { agent: 'backend', force: true } }])
  })

  test('control sequences from agents do not reach the terminal', async () => {
    const link = new FakeLink({
      agents: [anAgent('evil', { note: '\u001b]52;c;aGk=\u0007', phase: 'failed' })],
      approvals: [
        anApproval('apr_x', {
          agent: 'evil',
          action: anAction({
            type: 'exec',
            target: 'ls\u001b]0;owned\u0007\u001b[2J\n\u202Egpj',
            goal: '\u001b[31mred',
          }),
        }),
      ],
    })
    const deck = await open(link)
    await deck.expectRow('ls', 'owned')
    await deck.press('2', 'enter').expect('asks: exec')
    expect(deck.bytes).not.toContain('\u001b]0;owned')
    expect(deck.bytes).not.toContain('\u001b]52;')
    expect(deck.bytes).not.toContain('\u202e')
  })
})

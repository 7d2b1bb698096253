import { spawn } from 'node:child_process'
import { chmodSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { acts } from '../../../src/commands/registry.ts'
import type { PairingOffer } from '../../../src/domain/operators/pairing/types.ts'
import type { DeckEvent } from '../../../src/journal/types.ts'
import { NEEDS } from '../../supervisor/rights-of-acts.ts'
import { tempFolder } from '../../support/journal.ts'
import { SupervisorProcess } from '../../support/supervisor-process.ts'
import type { Answers, Attempts } from '../../support/terminal-of-another.ts'

const UID = 65_534
const PROGRAM = fileURLToPath(new URL('../../support/terminal-of-another.ts', import.meta.url))
/** An input with which these acts are more than a question. */
const INPUTS: Record<string, object> = {
  'api.serve': { state: 'on' },
  'audit.verify': { file: '/etc/hostname' },
  'budget.set': { perHour: 3 },
  'lab.train': { save: '/tmp/model' },
}

/** A terminal that runs as another user of this host: what it says, line by line. */
function terminal(socket: string, token: string) {
  const child = spawn(process.execPath, [PROGRAM, String(UID), socket, token], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]()
  return {
    heard: async <T>() => JSON.parse(String((await lines.next()).value)) as T,
    say: (attempts: Attempts) => child.stdin.write(`${JSON.stringify(attempts)}\n`),
  }
}

test.skipIf(process.getuid?.() !== 0)(
  'a viewer at a console of another user is refused every act, each with its event',
  async () => {
    const folder = tempFolder((act) => onTestFinished(() => void act()))
    // The socket is what others reach; the deck home beside it is not.
    chmodSync(folder, 0o711)
    const socket = join(folder, 'access.sock')
    const supervisor = new SupervisorProcess(
      join(folder, 'home'),
      `access: { socket: ${socket} }\n`,
    )
    onTestFinished(() => supervisor.end())
    await supervisor.start()
    const { link: owner } = supervisor
    await owner.do('agent.create', { template: 'coder', agent: 'a1' })
    await owner.do('agent.start', { agent: 'a1' })
    const { id: shell } = (await owner.do('shell.open', { agent: 'a1' })) as { id: string }
    const offer = { kind: 'console', scope: 'deck', role: 'viewer' }
    const { pairing, token } = (await owner.do('access.pair', offer)) as PairingOffer
    const eve = terminal(socket, token)
    const { code } = await eve.heard<{ code: string }>()
    await owner.do('access.confirm', { id: pairing.id, operator: 'eve', confirm: { code } })
    eve.say({
      acts: [...acts.values()].map(({ id, stream }) => [id, INPUTS[id] ?? {}, stream]),
      shell,
      ownSocket: supervisor.home.socket,
    })
    const answers = await eve.heard<Answers>()
    expect(answers).toMatchObject({ uid: UID, role: 'viewer' })
    expect(Object.keys(answers.acts)).toEqual([...acts.keys()])
    expect(answers.shell).toBe('refused')
    expect(answers.ownSocket).toBe('supervisor.unavailable')

    const isMore = (id: string) => NEEDS[id] !== 'see' || INPUTS[id] !== undefined
    const more = [...acts.keys()].filter(isMore)
    for (const id of more) expect(answers.acts[id], id).toBe('refused')
    for (const id of acts.keys()) if (!isMore(id)) expect(answers.acts[id], id).not.toBe('refused')
    const asked = { type: 'act.refused', limit: 500 }
    const events = (await owner.do('audit.search', asked)) as DeckEvent[]
    const told = events.filter(({ actor }) => actor.startsWith('operator:eve/console/dev_'))
    expect(told.map(({ body }) => (body as { act: string }).act).toSorted()).toEqual(
      more.toSorted(),
    )
  },
)

import { connect, type Socket } from 'node:net'
import { expect, it, onTestFinished } from 'vitest'
import type { Agent } from '../../src/domain/agents/types.ts'
import { tempFolder } from '../support/journal.ts'
import { SupervisorProcess } from '../support/supervisor-process.ts'
import { until } from '../support/until.ts'

it('answers operators and other agents while one agent takes all connections it can', async () => {
  const supervisor = new SupervisorProcess(tempFolder((act) => onTestFinished(() => void act())))
  onTestFinished(() => supervisor.end())
  supervisor.maxFiles = 100
  await supervisor.start()
  for (const agent of ['flood', 'scout']) {
    await supervisor.link.do('agent.create', { template: 'coder', agent })
    await supervisor.link.do('agent.start', { agent })
  }
  const open: Socket[] = []
  onTestFinished(() => {
    for (const socket of open) socket.destroy()
  })
  let refused = 0
  const more = (): void => {
    const socket = connect(supervisor.home.agent('flood').door)
      .on('error', () => undefined)
      .on('close', () => {
        refused++
      })
    open.push(socket)
  }
  for (let i = 0; i < 200; i++) more()
  await until('connections are refused', () => refused > 100)
  const names = async (): Promise<string[]> =>
    ((await supervisor.link.do('agent.list')) as Agent[]).map(({ name }) => name)
  for (let i = 0; i < 20; i++) {
    more()
    expect(await names()).toEqual(['flood', 'scout'])
  }
  expect(await whoami(supervisor.home.agent('scout').door)).toContain('"agent":"scout"')
  // Pods can still be started and stopped, which takes descriptors for a moment.
  await supervisor.link.do('agent.restart', { agent: 'scout' })
  expect(await names()).toEqual(['flood', 'scout'])
})

function whoami(door: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = ''
    connect(door)
      .on('data', (part) => {
        text += String(part)
      })
      .on('close', () => resolve(text))
      .on('error', reject)
      .end('GET /v1/whoami HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n')
  })
}

import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { runConsole } from '../../src/doors/console/main.tsx'
import { FakeLink, anApproval, fleet } from '../support/fake-link.ts'

test('without a screen: what happens is said in lines, decisions are typed in words', async () => {
  const link = new FakeLink(fleet())
  const stdin = new PassThrough()
  const stdout = new PassThrough({ encoding: 'utf8' })
  let said = ''
  let wake = (): void => undefined
  stdout.on('data', (text: string) => { said += text; wake() })
  const hear = async (words: string | RegExp): Promise<void> => { while (typeof words === 'string' ? !said.includes(words) : !words.test(said)) await new Promise<void>((resolve) => { wake = resolve }) }
  const over = runConsole(link, { home: { themes: '' }, env: { CLAWDECK_LINEAR: '1', CLAWDECK_QUIET: '0-24' }, stdin: stdin as never, stdout: stdout as never, demo: false })
  await hear('5 agents, 3 up, 3 waiting')
  await hear('Number 1: backend asks exec: git push origin main. Risk 82.')
  stdin.write('allow 1\n')
  await hear('To allow it type: allow 1 yes')
  stdin.write('deny 2 not on a Friday\n')
  await hear('Denied: scout')
  link.ask(anApproval('apr_new'))
  await hear('New. Number 4: backend')
  stdin.write('restart nobody\n')
  await hear('Not possible: there is no agent nobody')
  stdin.write('quit\n')
  await over
  expect(link.asked).toEqual([{ id: 'approval.deny', input: { id: 'apr_2', note: 'not on a Friday' } }])
  expect(said.replace(/\u001b\]\d;[^\u0007]*\u0007/g, '')).not.toContain('\u001b')
})

import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { runConsole } from '../../src/doors/console/main.ts'
import { fleet } from '../support/fake-fleet.ts'
import { FakeLink } from '../support/fake-link.ts'
import { anAction, anApproval } from '../support/fake-rows.ts'
import { aSimulation, learnedFleet } from '../support/fake-rules.ts'

/** The console without a screen. */
function openLinear(link: FakeLink) {
  const stdin = new PassThrough()
  const stdout = new PassThrough({ encoding: 'utf8' })
  let printed = ''
  let wake = (): void => undefined
  stdout.on('data', (text: string) => {
    printed += text
    wake()
  })
  const hear = async (words: string | RegExp): Promise<void> => {
    while (typeof words === 'string' ? !printed.includes(words) : !words.test(printed))
      await new Promise<void>((resolve) => {
        wake = resolve
      })
  }
  const over = runConsole(link, {
    home: { themes: '' },
    env: { CLAWDECK_LINEAR: '1', CLAWDECK_QUIET: '0-24' },
    stdin: stdin as never,
    stdout: stdout as never,
    demo: false,
  })
  return { stdin, hear, over, printed: () => printed }
}

test('without a screen, events are printed in lines and decisions are typed', async () => {
  const link = new FakeLink(fleet())
  const { stdin, hear, over, printed } = openLinear(link)
  await hear('5 agents, 3 up, 3 waiting')
  await hear('Approval 1: backend asks exec: git push origin main in /workspace. Risk 82.')
  stdin.write('allow 1\n')
  await hear('To allow it, type: allow 1 yes')
  stdin.write('deny 2 not on a Friday\n')
  await hear('Denied: scout')
  link.ask(anApproval('apr_new'))
  await hear('New. Approval 4: backend')
  stdin.write('restart nobody\n')
  await hear('Not possible: there is no agent nobody')
  stdin.write('quit\n')
  await over
  expect(link.asked).toEqual([
    { id: 'approval.deny', input: { ids: ['apr_2'], note: 'not on a Friday' } },
  ])
  expect(printed().replace(/\u001b\]\d;[^\u0007]*\u0007/g, '')).not.toContain('\u001b')
})

test('a long command is read out whole before it can be allowed', async () => {
  const action = anAction({ target: `echo ${'x'.repeat(400)}; rm -rf /data` })
  const link = new FakeLink({ approvals: [anApproval('apr_1', { action })] })
  const { stdin, hear, over, printed } = openLinear(link)
  await hear('more characters. Type show 1 to read all.')
  expect(printed()).not.toContain('rm -rf /data')
  stdin.write('allow 1\n')
  await hear('rm -rf /data in /workspace')
  await hear('To allow it, type: allow 1')
  expect(link.asked).toEqual([])
  stdin.write('allow 1\n')
  await hear('Allowed: backend')
  stdin.write('quit\n')
  await over
})

test('learned rules are listed, replayed and confirmed by typing', async () => {
  const link = new FakeLink(learnedFleet())
  link.answers.set('rule.simulate', () => aSimulation())
  const { stdin, hear, over } = openLinear(link)
  await hear('5 agents')
  stdin.write('rules\n')
  await hear(
    'Rule 1: Allow pip install requests without asking, for reviewer. suspended, failed twice.',
  )
  await hear(
    'Rule 2: Allow npm install zod@4 without asking, for backend. candidate, 2 of 3 approvals.',
  )
  stdin.write('suspend 1\n')
  await hear('Not possible: policy_s1 is suspended.')
  stdin.write('confirm 2\n')
  await hear('3 of 41 questions would have changed: 3 allowed')
  await hear('To confirm it, type: confirm 2 yes')
  stdin.write('confirm 2 yes\n')
  await hear('Confirmed: Allow npm install zod@4 without asking, for backend.')
  stdin.write('quit\n')
  await over
  expect(link.asked.map(({ id }) => id)).toEqual(['rule.simulate', 'rule.confirm'])
})

test('a question of several people says whose word is missing, and who else is looking', async () => {
  const action = anAction({ target: `make ${'x'.repeat(400)}` })
  const quorum = {
    rules: [{ atLeast: 2, of: null, notStarter: false }],
    starter: 'maya',
    agreements: [],
    agreed: [],
    missing: [{ count: 2, of: null, not: null }],
  }
  const link = new FakeLink({ approvals: [anApproval('apr_1', { action, quorum })] })
  const { stdin, hear, over } = openLinear(link)
  await hear(/Type show 1 to read all.*People: waits for 2 people/)
  const row = { id: 'apr_1', agent: 'backend', operators: ['ada', 'maya'] }
  link.push([{ noun: 'looking', id: 'apr_1', row }])
  link.ask(anApproval('apr_2'))
  await hear('New. Approval 2')
  stdin.write('waiting\n')
  await hear(/Type show 1 to read all.*waits for 2 people\. ada is looking at this\./)
  stdin.write('quit\n')
  await over
})

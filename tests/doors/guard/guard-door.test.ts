import { describe, expect, it } from 'vitest'
import { Fault } from '../../../src/base/fault.ts'
import { normalise } from '../../../src/domain/policy/normalise.ts'
import { DoorFixture } from '../../support/guard-door.ts'

const door = new DoorFixture()

describe('asking', () => {
  it('answers a question with decision, reasons and risk', async () => {
    const { status, json } = await door.ask({
      type: 'exec',
      target: 'git push',
      reversible: false,
      systems: ['prod'],
      goal: 'g',
      scope: 's',
      risk: 3,
      ticket: 'T-1',
      argv: null,
    })
    expect(status).toBe(200)
    expect(json).toMatchObject({
      id: 'act_1',
      decision: 'allow',
      pending: false,
      reasons: [{ layer: 'policy', id: 'p1', text: 'the test says allow' }],
      risk: { score: expect.any(Number), factors: expect.any(Array) },
      edited: null,
      expires_at: null,
    })
    expect(door.guard.asked[0]).toMatchObject({
      agent: 'scout',
      action: {
        type: 'exec',
        target: 'git push',
        reversible: false,
        systems: ['prod'],
        goal: 'g',
        scope: 's',
        claimedRisk: 3,
        extra: { ticket: 'T-1' },
      },
    })
  })
  it('returns 200 for a block too', async () => {
    door.guard.judge = () => 'block'
    expect(await door.ask({ type: 'net', target: 'x' })).toMatchObject({
      status: 200,
      json: { decision: 'block' },
    })
  })
  it('accepts a form as well', async () => {
    await door.send(
      'POST',
      '/v1/ask',
      'type=net&target=POST+https%3A%2F%2Fa.test%2F%3Fx%3D1&reversible=false&systems=a,b&risk=7',
    )
    expect(door.guard.asked[0]?.action).toMatchObject({
      type: 'net',
      target: 'POST https://a.test/?x=1',
      reversible: false,
      systems: ['a', 'b'],
      claimedRisk: 7,
    })
  })
  it('waits as long as asked, and answers as soon as somebody decides', async () => {
    door.guard.judge = () => 'require_approval'
    expect((await door.ask({ type: 'net', target: 'x' })).json).toMatchObject({
      pending: true,
      decision: 'require_approval',
      expires_at: '2030-01-01T00:00:00.000Z',
    })
    expect((await door.send('GET', '/v1/asks/act_1?wait=0.01')).json).toMatchObject({
      pending: true,
    })
    const waiting = door.ask({ type: 'net', target: 'y' }, '?wait=60')
    await door.guard.until(() => door.guard.waits.at(-1)?.id === 'act_2')
    door.guard.decide('act_2', 'allow', {
      edited: normalise({
        type: 'net',
        target: 'z',
        argv: [],
        cwd: '',
        reversible: null,
        systems: [],
        goal: '',
        scope: '',
        risk: null,
        extra: {},
      }),
    })
    expect((await waiting).json).toMatchObject({
      pending: false,
      decision: 'allow',
      edited: { type: 'net', target: 'z' },
    })
  })
  it('stops waiting when the client disconnects', async () => {
    door.guard.judge = () => 'require_approval'
    const gone = new AbortController()
    const waiting = door.send('POST', '/v1/ask?wait=60', '{"type":"net","target":"x"}', gone.signal)
    await door.guard.until(() => door.guard.waits.length === 1)
    const signal = door.guard.waits[0]?.signal as AbortSignal
    const aborted = new Promise((resolve) => {
      signal.addEventListener('abort', resolve)
    })
    gone.abort()
    await expect(waiting).rejects.toThrow()
    await aborted
    expect(door.guard.asked[0]?.answer.pending).toBe(true)
  })
  it("accepts outcomes and reports the agent's identity", async () => {
    await door.ask({ type: 'net', target: 'x' })
    expect(
      await door.send(
        'POST',
        '/v1/asks/act_1/outcome',
        '{"result":"failure","exit_code":2,"note":"n"}',
      ),
    ).toMatchObject({ status: 200, text: '{"ok":true}' })
    expect(door.guard.outcomes).toEqual([
      { id: 'act_1', outcome: { result: 'failure', exitCode: 2, note: 'n' } },
    ])
    expect(await door.send('GET', '/v1/whoami')).toMatchObject({
      status: 200,
      json: { agent: 'scout', template: 'coder', guard: 1 },
    })
  })
})

describe('for shells', () => {
  it('accepts the words of a command, raw or percent-encoded', async () => {
    expect((await door.send('POST', '/v1/exec?cwd=%2Fw', 'git\0push\0a b\0')).text).toBe(
      'allow act_1\nwhy the test says allow\n',
    )
    await door.send('POST', '/v1/exec?enc=percent', '%67it%00%c3%a9%00')
    expect(door.guard.asked.map((a) => a.action.argv)).toEqual([
      ['git', 'push', 'a b'],
      ['git', 'é'],
    ])
    expect(door.guard.asked[0]?.action.cwd).toBe('/w')
    expect((await door.send('POST', '/v1/exec/act_1/exit?code=0')).text).toBe('ok\n')
    expect(door.guard.outcomes[0]?.outcome).toEqual({ result: 'success', exitCode: 0, note: '' })
  })
  it('returns an edited command so that a shell can read it', async () => {
    door.guard.judge = () => 'require_approval'
    const waiting = door.send('POST', '/v1/exec?wait=60', 'ls\0')
    await door.guard.until(() => door.guard.waits.length === 1)
    door.guard.decide('act_1', 'allow', {
      note: 'so\n\u001b[31m',
      edited: {
        ...(door.guard.asked[0]?.action as never as ReturnType<typeof normalise>),
        argv: [],
        target: 'a | b\nc',
      },
    })
    expect((await waiting).text).toBe(`allow act_1\nrun sh -c 'a | b'"$nl"'c'\nwhy so⏎␛[31m\n`)
  })
  it('returns every refusal with status 200, because wget shows no other body', async () => {
    expect(await door.send('POST', '/v1/exec', '')).toMatchObject({
      status: 200,
      text: expect.stringMatching(/^deny -\nwhy `the body` contains no words\n/),
    })
    expect(await door.send('GET', '/v1/exec/act_77')).toMatchObject({
      status: 200,
      text: expect.stringMatching(/^deny -\nwhy no question act_77/),
    })
    expect(await door.send('POST', '/v1/exec?enc=percent', '%zz')).toMatchObject({
      status: 200,
      text: expect.stringMatching(/^deny -/),
    })
  })
})

describe('a faulty request is denied with a reason', () => {
  it.each<[string, string, number, RegExp]>([
    ['nothing', '', 400, /it is empty/],
    ['half an object', '{"type":"net",', 400, /ends too early/],
    ['a typing error', '{"type": "net",\n "target": tru }', 400, /line 2, column 15/],
    ['a bare word', 'hello', 400, /line 1, column 1/],
    ['a list', '[1]', 400, /not an object/],
    ['no type', '{"target":"x"}', 400, /`type` is missing/],
    ['a type that is a number', '{"type":1}', 400, /`type` is not text/],
    [
      'a list with a number',
      '{"type":"exec","argv":["a",1]}',
      400,
      /`argv` is not a list of texts/,
    ],
    [
      'a boolean that is text',
      '{"type":"exec","target":"x","reversible":"no"}',
      400,
      /`reversible`/,
    ],
    ['an impossible type', '{"type":"Ex ec","target":"x"}', 400, /`type` is 1 to 32/],
  ])('%s', async (_, body, status, message) => {
    const reply = await door.send('POST', '/v1/ask', body)
    expect(reply.status).toBe(status)
    expect(reply.json).toMatchObject({
      decision: 'block',
      pending: false,
      reasons: [{ layer: 'input' }],
      error: { code: 'input.invalid' },
    })
    expect(reply.json.error?.message).toMatch(message)
    expect(door.guard.asked).toEqual([])
  })
  it('broken UTF-8', async () => {
    expect(
      (await door.send('POST', '/v1/ask', Buffer.from([0x7b, 0xff, 0x7d]))).json.error?.message,
    ).toMatch(/UTF-8/)
  })
  it('an unknown address, a wrong method, an unknown question', async () => {
    expect(await door.send('GET', '/nowhere')).toMatchObject({
      status: 404,
      json: { decision: 'block' },
    })
    expect(await door.send('GET', '/v1/ask')).toMatchObject({
      status: 405,
      json: { decision: 'block' },
    })
    expect(await door.send('GET', '/v1/asks/act_9')).toMatchObject({
      status: 404,
      json: { error: { code: 'approval.unknown' } },
    })
    expect(await door.send('POST', '/v1/asks/act_9/outcome', '{"result":"fine"}')).toMatchObject({
      status: 400,
    })
  })
  it('a body that is too large, with or without its length', async () => {
    expect(await door.send('POST', '/v1/ask', 'x'.repeat(65 * 1024))).toMatchObject({
      status: 413,
      json: { decision: 'block' },
    })
    const chunk = `1000\r\n${'x'.repeat(4096)}\r\n`
    expect(
      await door.raw(
        `POST /v1/ask HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n${chunk.repeat(18)}`,
      ),
    ).toMatch(/^HTTP\/1.1 413 [^]*"decision":"block"/)
    expect(door.guard.asked).toEqual([])
  })
  it('what is not HTTP, and headers that are too long', async () => {
    expect(await door.raw('hello\r\n\r\n')).toMatch(/^HTTP\/1.1 400 [^]*"decision":"block"/)
    expect(await door.raw(`GET /v1/whoami HTTP/1.1\r\nx: ${'y'.repeat(9000)}\r\n\r\n`)).toMatch(
      /^HTTP\/1.1 431 /,
    )
  })
  it('a supervisor that fails', async () => {
    door.guard.ask = () => Promise.reject(new Fault('journal.unwritable', 'the disk is full'))
    expect(await door.ask({ type: 'net', target: 'x' })).toMatchObject({
      status: 503,
      json: { decision: 'block', reasons: [{ layer: 'supervisor', text: 'the disk is full' }] },
    })
    expect((await door.send('POST', '/v1/exec', 'ls\0')).status).toBe(503)
    door.guard.ask = () => Promise.reject(new TypeError('secret of the inside'))
    const { status, text } = await door.ask({ type: 'net', target: 'x' })
    expect(status).toBe(500)
    expect(text).not.toMatch(/secret/)
  })
})

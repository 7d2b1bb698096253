import { expect, it } from 'vitest'
import { until } from '../support/until.ts'
import { collect, live, type PodAbilities, type PodFixture, type Up } from './pod-fixture.ts'

/** What a pod does to its own output bothers nobody but the pod. */
export function hostileOutputContract(
  fixture: () => PodFixture,
  up: Up,
  { maxLogBytes }: PodAbilities,
): void {
  const sh = (agent: string, script: string): Promise<{ stdout: string }> =>
    collect(fixture().backend.exec.run(agent, ['sh', '-c', script], { signal: live() }))

  async function logged(agent: string, tail: number): Promise<string[]> {
    const options = { tail, follow: false, signal: live() }
    const lines: string[] = []
    for await (const { text } of fixture().backend.logs.read(agent, options)) lines.push(text)
    return lines
  }

  /** The pod's first process, as its other processes see it. */
  async function first(agent: string): Promise<number> {
    const { isolation } = await fixture().backend.probe()
    const pid = (await fixture().backend.lifecycle.inspect(agent))?.pid ?? 0
    return isolation === 'none' ? pid : 1
  }

  it('keeps the last of a flood, within its bounds, also while it is followed', async () => {
    const { logs } = await up('logs-flood', {
      argv: [
        'sh',
        '-c',
        `yes "a line of a flood" | head -c ${Math.ceil(maxLogBytes * 1.4)}; echo; echo the end; sleep 4300`,
      ],
    })
    const stop = new AbortController()
    const following = (async () => {
      const follower = { tail: 0, follow: true, signal: stop.signal }
      for await (const { text } of logs.read('logs-flood', follower))
        if (text === 'the end') stop.abort()
    })()
    let most = 0
    await until('all of it was written', async () => {
      most = Math.max(most, await fixture().logBytes('logs-flood'))
      return (await logged('logs-flood', 1))[0] === 'the end'
    })
    expect(most).toBeLessThanOrEqual(maxLogBytes)
    const last = await logged('logs-flood', 9)
    expect([last[0], last.at(-1)]).toEqual(['a line of a flood', 'the end'])
    await following
  })

  it('shows the beginning of a line that never ends', async () => {
    await up('logs-endless', {
      argv: ['sh', '-c', 'head -c 3000000 /dev/zero | tr "\\0" x; sleep 4300'],
    })
    const lines = await until('it is shown', async () => {
      const found = await logged('logs-endless', 9)
      return found.length > 0 && found
    })
    expect(lines).toEqual([`${'x'.repeat(16 * 1024)}…`])
  })

  it('is not held up by a pod that resizes its own output', async () => {
    await up('logs-sparse', {
      argv: ['sh', '-c', 'echo before; until [ -e go ]; do sleep 0.02; done; echo after; sleep 43'],
    })
    const pid = await first('logs-sparse')
    await sh('logs-sparse', `truncate -s 2T /proc/${pid}/fd/1; touch go`)
    await until('what came later is there', async () =>
      (await logged('logs-sparse', 9)).includes('after'),
    )
    expect(await logged('logs-sparse', 9)).toEqual(['before', 'after'])
    expect(await fixture().logBytes('logs-sparse')).toBeLessThan(10_000)
  })

  it('shows the pod no path of this machine', async () => {
    await up('logs-paths', { argv: ['sh', '-c', 'sleep 4300; exit'] })
    const pid = await first('logs-paths')
    const { stdout } = await sh(
      'logs-paths',
      `cd /proc/${pid}/fd && for f in *; do echo "$f $(readlink $f)"; done`,
    )
    const files = new Map(
      stdout
        .trim()
        .split('\n')
        .map((line) => line.split(' ') as [string, string]),
    )
    expect(files.get('0')).toBe('/dev/null')
    for (const output of ['1', '2']) expect(files.get(output)).toMatch(/^pipe:/)
    for (const file of files.values()) expect(file).toMatch(/^(pipe|socket|anon_inode):|^\/dev\//)
  })
}

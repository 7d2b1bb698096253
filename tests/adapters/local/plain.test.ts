import { statSync } from 'node:fs'
import { createServer, request } from 'node:http'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { noProcessLeft } from '../../contracts/pod-fixture.ts'
import { longSleep } from '../../support/long-sleep.ts'
import { localFixture, sh } from '../../support/local-pods.ts'
import { podSpec } from '../../support/pod-spec.ts'
import { until } from '../../support/until.ts'

const fixture = localFixture()

describe('a plain pod', () => {
  it('reports what it is, and has its own folders and a private door', async () => {
    const pods = fixture.backend(true)
    expect(await pods.probe()).toMatchObject({
      ready: true,
      isolation: 'none',
      title: 'local, not isolated',
      enforces: { network: false, readOnlyRoot: false },
    })
    await fixture.up(pods, 'a1')
    const socket = join(fixture.root, 'run', 'doors', 'a1.sock')
    const folder = join(fixture.root, 'agents', 'a1')
    expect(
      (
        await sh(pods, 'a1', 'pwd; echo $HOME; echo $PATH | cut -d: -f1; echo $CLAWDECK_GUARD')
      ).stdout.split('\n'),
    ).toEqual([
      join(folder, 'workspace'),
      join(folder, 'state', 'home'),
      join(folder, 'bin'),
      `unix:${socket}`,
      '',
    ])
    const http = createServer((_request, response) => {
      response.writeHead(204).end()
    })
    const door = await pods.doors.open('a1', { port: 3000, socketPath: socket }, (connection) => {
      http.emit('connection', connection)
    })
    expect(statSync(socket).mode & 0o777).toBe(0o600)
    const status = await new Promise((resolve) => {
      request({ socketPath: socket, agent: false }, (answer) => {
        resolve(answer.statusCode)
      }).end()
    })
    expect(status).toBe(204)
    await door.close()
  })

  it('leaves no process behind, including those that left its session', async () => {
    const pods = fixture.backend(true)
    const sleep = longSleep()
    await pods.lifecycle.create(
      podSpec(fixture.root, 'a1', {
        argv: ['sh', '-c', `setsid ${sleep} & setsid ${sleep} & echo $!; wait; sleep 4000`],
      }),
    )
    await pods.lifecycle.start('a1')
    await until('both sleep', async () => (await pods.stats.read(['a1'])).get('a1')?.pids === 3)
    await pods.lifecycle.stop('a1', 0)
    const next = fixture.backend(true)
    expect((await next.stats.read(['a1'])).size).toBe(0)
    await fixture.up(next, 'a2')
    await noProcessLeft(next, 'a2', sleep)
  })

  it('has no images: pods are made without', () => {
    expect(fixture.backend(true).images).toBeUndefined()
  })
})

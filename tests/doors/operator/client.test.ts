import { mkdtemp } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterEach, describe, expect, test } from 'vitest'
import { openLink } from '../../../src/doors/operator/client.ts'

const servers: Server[] = []
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    await new Promise((done) => server.close(done))
  }
})

async function serve(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
  prepare?: (server: Server) => void,
): Promise<string> {
  const path = join(await mkdtemp(join(tmpdir(), 'deck-link-')), 's')
  const server = createServer(answer)
  prepare?.(server)
  servers.push(server)
  await new Promise<void>((ready) => server.listen(path, ready))
  return path
}

async function collect(stream: AsyncIterable<unknown>): Promise<unknown[]> {
  const all: unknown[] = []
  for await (const item of stream) all.push(item)
  return all
}

const never = new AbortController().signal

describe('a request', () => {
  test('is posted with its door and answered', async () => {
    const path = await serve(async (request, response) =>
      response.end(
        JSON.stringify({
          url: request.url,
          method: request.method,
          door: request.headers['x-clawdeck-door'],
          body: JSON.parse(await text(request)),
        }),
      ),
    )
    expect(await openLink(path, 'cli').do('agent.start', { agent: 'ä1' })).toEqual({
      url: '/v1/do/agent.start',
      method: 'POST',
      door: 'cli',
      body: { agent: 'ä1' },
    })
  })

  test('a fault arrives as it was thrown', async () => {
    const path = await serve((_request, response) =>
      response
        .writeHead(404)
        .end(JSON.stringify({ fault: { code: 'agent.unknown', message: 'no a9', hint: 'look' } })),
    )
    await expect(openLink(path, 'cli').do('agent.get')).rejects.toMatchObject({
      name: 'Fault',
      code: 'agent.unknown',
      message: 'no a9',
      hint: 'look',
    })
  })

  test('a missing supervisor is supervisor.unavailable, with a hint', async () => {
    await expect(
      openLink(join(tmpdir(), 'no-such-socket'), 'cli').do('agent.list'),
    ).rejects.toMatchObject({
      code: 'supervisor.unavailable',
      hint: expect.stringContaining('supervisor start'),
    })
  })

  test('a lost connection is supervisor.unavailable', async () => {
    const path = await serve((request) => request.socket.destroy())
    await expect(openLink(path, 'cli').do('agent.list')).rejects.toMatchObject({
      code: 'supervisor.unavailable',
    })
  })
})

describe('a stream', () => {
  test('yields items to its end, however lines are split', async () => {
    const path = await serve((_request, response) => {
      const bytes = Buffer.from('{"item":"ünï"}\n{"item":2}\n{"end":true}\n')
      for (const byte of bytes) response.write(Buffer.from([byte]))
      response.end()
    })
    expect(await collect(openLink(path, 'cli').stream('agent.logs', {}, never))).toEqual(['ünï', 2])
  })

  test('a fault is thrown after the items before it', async () => {
    const path = await serve((_request, response) =>
      response.end('{"item":1}\n{"fault":{"code":"timeout","message":"late"}}\n'),
    )
    const seen: unknown[] = []
    await expect(
      (async () => {
        for await (const item of openLink(path, 'cli').stream('agent.exec', {}, never))
          seen.push(item)
      })(),
    ).rejects.toMatchObject({ code: 'timeout' })
    expect(seen).toEqual([1])
  })

  test('an end without the last line is an error', async () => {
    const path = await serve((_request, response) => response.end('{"item":1}\n'))
    await expect(
      collect(openLink(path, 'cli').stream('agent.exec', {}, never)),
    ).rejects.toMatchObject({ code: 'supervisor.unavailable' })
  })

  test('aborting ends it silently and closes the connection', async () => {
    const closed = Promise.withResolvers<void>()
    const path = await serve((_request, response) => {
      response.write('{"item":1}\n')
      response.on('close', () => closed.resolve())
    })
    const stop = new AbortController()
    const seen: unknown[] = []
    for await (const item of openLink(path, 'cli').stream('agent.logs', {}, stop.signal)) {
      seen.push(item)
      stop.abort()
    }
    await closed.promise
    expect(seen).toEqual([1])
  })

  test('leaving early closes it', async () => {
    const closed = Promise.withResolvers<void>()
    const path = await serve((_request, response) => {
      response.write('{"item":1}\n')
      response.on('close', () => closed.resolve())
    })
    for await (const item of openLink(path, 'cli').stream('agent.logs', {}, never)) {
      expect(item).toBe(1)
      break
    }
    await closed.promise
  })
})

describe('the world', () => {
  test('yields frames and ends when the supervisor is killed', async () => {
    const path = await serve((request, response) => {
      response.write('{"kind":"bye","reason":"x"}\n', () => request.socket.destroy())
    })
    expect(await collect(openLink(path, 'console').world(never))).toEqual([
      { kind: 'bye', reason: 'x' },
    ])
  })

  test('closing the link ends it', async () => {
    const path = await serve((_request, response) => {
      response.write('{"kind":"bye","reason":"x"}\n')
    })
    const link = openLink(path, 'console')
    const seen: unknown[] = []
    for await (const frame of link.world(never)) {
      seen.push(frame)
      link.close()
    }
    expect(seen).toHaveLength(1)
  })
})

describe('attaching', () => {
  test('returns a duplex with every byte, including those sent with the head', async () => {
    const path = await serve(
      () => undefined,
      (server) =>
        server.on('upgrade', (request, socket) => {
          expect(request.headers.upgrade).toBe('clawdeck-pty')
          socket.write(
            `HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: clawdeck-pty\r\n\r\n${request.url}|`,
          )
          socket.on('data', (data) => socket.end(data))
        }),
    )
    const duplex = await openLink(path, 'cli').attach('shl_1', { columns: 100, rows: 30 })
    duplex.write('keys')
    expect(await text(duplex)).toBe('/v1/shells/shl_1/attach?columns=100&rows=30|keys')
  })

  test('an ended shell is a fault', async () => {
    const path = await serve((_request, response) =>
      response
        .writeHead(409)
        .end(JSON.stringify({ fault: { code: 'shell.ended', message: 'over' } })),
    )
    await expect(
      openLink(path, 'cli').attach('shl_1', { columns: 80, rows: 24 }),
    ).rejects.toMatchObject({ code: 'shell.ended' })
  })
})

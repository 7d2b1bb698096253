import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type RequestListener, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { PodmanClient, statusOf } from '../../../src/adapters/podman/client.ts'

const opened: { server: Server; folder: string; client: PodmanClient }[] = []

/** A stand-in engine that answers as it is told. */
async function engine(answer: RequestListener): Promise<PodmanClient> {
  const folder = mkdtempSync(join(tmpdir(), 'cd-'))
  const server = createServer(answer)
  await new Promise<void>((ready) => {
    server.listen(join(folder, 's'), ready)
  })
  const client = new PodmanClient(join(folder, 's'))
  opened.push({ server, folder, client })
  return client
}

afterEach(() => {
  for (const { server, folder, client } of opened.splice(0)) {
    client.close()
    server.closeAllConnections()
    server.close()
    rmSync(folder, { recursive: true })
  }
})

describe('the client of the engine', () => {
  it('uses versioned paths and reads JSON', async () => {
    const client = await engine((request, response) => {
      response.end(JSON.stringify({ method: request.method, url: request.url }))
    })
    expect(await client.call('POST', '/libpod/x?y=1', { body: {} })).toEqual({
      method: 'POST',
      url: '/v4.0.0/libpod/x?y=1',
    })
  })

  it("reports a refusal with the engine's own message, sanitized", async () => {
    const client = await engine((_request, response) => {
      response.writeHead(500).end(JSON.stringify({ cause: 'x', message: 'no \u001b[31mway' }))
    })
    const thrown = await client.call('GET', '/x').catch((reason: unknown) => reason)
    expect(thrown).toMatchObject({ code: 'backend.failed', message: 'Podman refused: no ␛[31mway' })
    expect(statusOf(thrown)).toBe(500)
  })

  it('distinguishes what does not exist from what failed', async () => {
    const client = await engine((_request, response) => {
      response.writeHead(404).end('{}')
    })
    await expect(client.call('GET', '/x')).rejects.toMatchObject({ code: 'not.found' })
  })

  it('reports an answer that is not JSON or too long', async () => {
    const client = await engine((request, response) => {
      if (request.url?.endsWith('/text')) response.end('<html>')
      else for (let i = 0; i < 20; i++) response.write(Buffer.alloc(1024 * 1024, 32))
    })
    await expect(client.call('GET', '/text')).rejects.toMatchObject({ code: 'backend.failed' })
    await expect(client.call('GET', '/endless')).rejects.toMatchObject({
      code: 'backend.failed',
      message: /more than 16 MiB/,
    })
  })

  it('times out when the engine hangs', async () => {
    const client = await engine(() => undefined)
    await expect(client.call('GET', '/x', { timeoutMs: 20 })).rejects.toMatchObject({
      code: 'backend.unavailable',
    })
    expect(await client.ping(20)).toBe(false)
  })

  it('reports an engine that does not listen as unavailable', async () => {
    const client = new PodmanClient('/nonexistent/podman.sock')
    await expect(client.call('GET', '/x')).rejects.toMatchObject({
      code: 'backend.unavailable',
      message: /ENOENT/,
    })
    await expect(client.hijack('/x', {})).rejects.toMatchObject({ code: 'backend.unavailable' })
  })

  it('yields complete lines as they arrive, until aborted', async () => {
    const client = await engine((_request, response) => {
      response.write('{"a":1}\n{"a"')
      response.write(':2}\n')
    })
    const stop = new AbortController()
    const seen: unknown[] = []
    for await (const line of client.lines('GET', '/events', { signal: stop.signal })) {
      seen.push(line)
      if (seen.length === 2) stop.abort()
    }
    expect(seen).toEqual([{ a: 1 }, { a: 2 }])
  })

  it('refuses a plain answer in place of a terminal', async () => {
    const client = await engine((_request, response) => {
      response.writeHead(409).end(JSON.stringify({ message: 'not running' }))
    })
    await expect(client.hijack('/exec/x/start', {})).rejects.toMatchObject({
      code: 'backend.failed',
      message: /not running/,
    })
  })
})

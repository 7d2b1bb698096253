import { closeSync, fdatasyncSync, openSync, readFileSync, writeSync } from 'node:fs'
import { Agent, createServer, request, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

/**
 * The least that a program does which tells others what it heard: it brings that to disk, then
 * passes it on. `POST /tell` writes it to everyone at `GET /follow`, `POST /release` answers whoever
 * waits at `GET /hold`, `POST /send/<n>` posts it n times to an address, and `POST /poll` waits there
 * for what releases them. The arguments are a folder, that address, and for HTTPS a PEM file with
 * key and certificate.
 */
const [folder = '', target = '', pemFile = ''] = process.argv.slice(2)
const log = openSync(`${folder}/relay.log`, 'a')
const followers = new Set<ServerResponse>()
const agent = new Agent({ keepAlive: true })
let held: ServerResponse | undefined

function post(body: string): void {
  const headers = { 'content-length': Buffer.byteLength(body) }
  request(target, { method: 'POST', agent, headers }, (response) => response.resume()).end(body)
}

function keep(body: string): void {
  writeSync(log, `${body}\n`)
  fdatasyncSync(log)
}

function poll(): void {
  request(target, { agent }, (response) => {
    void text(response).then((body) => {
      keep(body)
      held?.end(body)
    })
  }).end()
}

async function answer(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  const [, verb, times] = (incoming.url ?? '').split('/')
  if (verb === 'follow') {
    response.writeHead(200).flushHeaders()
    followers.add(response)
    response.once('close', () => followers.delete(response))
    return
  }
  if (verb === 'hold') {
    held = response
    response.writeHead(200).flushHeaders()
    return
  }
  const body = await text(incoming)
  if (verb === 'poll') poll()
  else keep(body)
  if (verb === 'tell') for (const follower of followers) follower.write(`${body}\n`)
  else if (verb === 'release') held?.end(body)
  else if (verb === 'send') for (let i = 0; i < Number(times); i++) post(body)
  response.end()
}

const listener = (incoming: IncomingMessage, response: ServerResponse) =>
  void answer(incoming, response)
const pem = pemFile === '' ? undefined : readFileSync(pemFile)
const server =
  pem === undefined ? createServer(listener) : createSecureServer({ key: pem, cert: pem }, listener)
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port))
process.once('disconnect', () => {
  closeSync(log)
  process.exit()
})

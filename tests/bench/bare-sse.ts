import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/**
 * The least that tells many clients of an event: what is posted is sent to each of them. It prints
 * its address.
 */
const clients = new Set<ServerResponse>()

const server = createServer((request, response) => {
  if (request.method === 'GET') {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write('event: connected\ndata: {}\n\n')
    clients.add(response)
    response.on('close', () => clients.delete(response))
    return
  }
  let body = ''
  request.setEncoding('utf8')
  request.on('data', (chunk: string) => {
    body += chunk
  })
  request.on('end', () => {
    const frame = `event: goal.created\ndata: ${JSON.stringify(JSON.parse(body))}\n\n`
    for (const client of clients) client.write(frame)
    response.writeHead(201, { 'content-type': 'application/json' }).end('{}')
  })
})
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`http://127.0.0.1:${(server.address() as AddressInfo).port}\n`)
})

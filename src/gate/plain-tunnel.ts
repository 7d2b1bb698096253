import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { authorityText, readAbsoluteUrl, requestText } from '../domain/egress/matching/target.ts'
import type { EgressRefusal } from '../domain/egress/types.ts'
import { whyOtherHost, type GateContext, type Tunnel } from './context.ts'
import { diallingAgent } from './dialling-agent.ts'
import { forward, type Asker } from './forward.ts'
import { unreadable, mismatch, refuse } from './refusals.ts'
import { strictServer } from './strict-server.ts'

/** Answers the plain requests in a tunnel: each for its host, and none that is blocked. */
export function servePlain(context: GateContext, tunnel: Tunnel, first: Buffer): void {
  const { judge, limits, flows } = context
  const { client, server: ready, flow, meter, host, port } = tunnel
  const agent = diallingAgent({ judge, limits }, { ready, made: (socket) => meter.add(socket) })
  const serve = (request: IncomingMessage, asker: Asker) => {
    const read = withinTunnel(request, tunnel)
    const refusal = 'refusal' in read ? read.refusal : judge.within(read.text)
    if (refusal !== undefined || 'refusal' in read) {
      const why = refusal as EgressRefusal
      judge.refused('text' in read ? read.text : flow.text, why, tunnel)
      refuse(asker, why)
      return
    }
    flows.request(tunnel)
    const outgoing = { ...asker, ...read, request, host, port, agent }
    forward(context, { ...outgoing, pass: flow.pass, isInTunnel: true })
  }
  const server = strictServer(limits)
  server.on('request', (request, response) => serve(request, { response, upgraded: undefined }))
  server.on('upgrade', (request, socket, head) =>
    serve(request, { response: undefined, upgraded: { socket: socket as Socket, head } }),
  )
  server.on('clientError', () => flow.cut())
  client.once('close', () => agent.destroy())
  client.pause()
  client.unshift(first)
  server.emit('connection', client)
  client.resume()
}

function withinTunnel(
  request: IncomingMessage,
  { host, port, isAddress }: Pick<Tunnel, 'host' | 'port' | 'isAddress'>,
): { path: string; text: string } | { refusal: EgressRefusal } {
  const { url = '', method = 'GET' } = request
  if (!url.startsWith('/'))
    return { refusal: unreadable('in a tunnel, a request begins with a path') }
  const read = readAbsoluteUrl(`http://${authorityText({ host, port })}${url}`)
  if ('problem' in read) return { refusal: unreadable(read.problem) }
  const why = whyOtherHost(request, { host, port }, { defaultPort: 80, isRequired: true })
  if (why !== undefined) return { refusal: mismatch(why) }
  return { path: read.path, text: requestText(method, { ...read, isAddress }) }
}

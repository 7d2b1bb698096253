import { request } from 'node:http'
import { createInterface } from 'node:readline'

/**
 * An agent that waits for a person: each line of its input is a command it asks for, each line of its output what it
 * heard. Times are Unix milliseconds with fractions, so that other processes can compare them with their own.
 */
export interface Asked {
  target: string
  askedAt: number
  answeredAt: number
  decision: string
}

const now = (): number => performance.timeOrigin + performance.now()
const address = process.argv[2] ?? ''
const where = address.startsWith('unix:')
  ? { socketPath: address.slice(5) }
  : { host: new URL(address).hostname, port: new URL(address).port }

function ask(target: string): void {
  const body = JSON.stringify({
    type: 'exec',
    target,
    argv: target.split(' '),
    cwd: '/workspace',
    goal: 'be measured',
  })
  const sent = request(
    {
      ...where,
      method: 'POST',
      path: '/v1/ask?wait=60',
      headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
    },
    (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => {
        text += chunk
      })
      response.on('end', () => {
        const answered: Asked = {
          target,
          askedAt,
          answeredAt: now(),
          decision: (JSON.parse(text) as { decision: string }).decision,
        }
        process.stdout.write(`${JSON.stringify(answered)}\n`)
      })
    },
  )
  const askedAt = now()
  sent.end(body)
}

createInterface({ input: process.stdin }).on('line', ask)

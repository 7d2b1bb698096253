import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { http } from '../../base/http.ts'
import { plain } from '../../base/text.ts'
import type { PodSpec } from '../../ports/pods.ts'
import type { Place } from './shell.ts'
import { parseLine } from './words.ts'
import { quote } from '../../base/quote.ts'

const BIN = '/opt/deck/bin'
const WAIT_SECONDS = 30
const LONGEST_ANSWER = 64 * 1024

/** The agent's gated commands by first word, read from the wrappers in its bin folder, as in a real pod. `[]` means all. */
export function gatedCommands(spec: PodSpec): Map<string, string[][]> {
  const source = spec.mounts.find((mount) => mount.target === BIN)?.source
  try {
    const names = source === undefined ? [] : readdirSync(source).filter((name) => name !== 'guard')
    return new Map(
      names.map((name) => [name, patternsOf(readFileSync(join(source ?? '', name), 'utf8'))]),
    )
  } catch {
    return new Map()
  }
}

/** Whether a command has to ask first. */
export function mustAsk(spec: PodSpec, [program = '', ...args]: readonly string[]): boolean {
  return (
    gatedCommands(spec)
      .get(program)
      ?.some((words) => words.every((word, i) => args[i] === word)) ?? false
  )
}

/** A wrapper's last line is `exec …/guard gate <program> <pattern>… -- "$@"`; one that cannot be read gates everything. */
function patternsOf(wrapper: string): string[][] {
  const line = wrapper.split('\n').find((text) => text.startsWith('exec '))
  const words =
    line === undefined ? [] : parseLine(line, () => '').flatMap((command) => command.words)
  const from = words.indexOf('gate')
  const to = words.indexOf('--', from)
  return from < 0 || to < 0
    ? [[]]
    : words.slice(from + 2, to).map((pattern) => pattern.split(' ').filter((word) => word !== ''))
}

/** What may be run, and how to report its end. */
export interface GuardedRun {
  command: string
  report(exitCode: number): Promise<void>
}

/** Asks at the real guard door as the in-pod client does, and waits for the answer. Undefined when it may not be run. */
export async function askGuard(
  place: Place,
  words: readonly string[],
): Promise<GuardedRun | undefined> {
  try {
    const { id, allowed, lines } = await decided(place, words)
    if (place.signal.aborted) return undefined
    if (allowed) {
      const command = lines.find((line) => line.startsWith('run '))?.slice(4) ?? quote(words)
      return {
        command,
        report: (code) =>
          talk(place, 'POST', `/v1/exec/${encodeURIComponent(id)}/exit?code=${code}`).then(
            () => undefined,
            () => undefined,
          ),
      }
    }
    const why = lines.filter((line) => line.startsWith('why ')).map((line) => line.slice(4))
    place.err(
      `\u001b[31mguard: denied: ${plain(why.join('; ') || 'no reason was given')}\u001b[0m\n`,
    )
  } catch (thrown) {
    if (!place.signal.aborted)
      place.err(
        `guard: denied: the guard door cannot be reached (${thrown instanceof Error ? thrown.message : String(thrown)})\n`,
      )
  }
  return undefined
}

async function decided(
  place: Place,
  words: readonly string[],
): Promise<{ id: string; allowed: boolean; lines: string[] }> {
  let answer = await talk(
    place,
    'POST',
    `/v1/exec?wait=0&cwd=${encodeURIComponent(place.cwd)}`,
    words.map((word) => `${word}\0`).join(''),
  )
  let [decision = '', id = ''] = head(answer.text)
  if (decision === 'pending')
    place.err(`\u001b[33mguard: waiting for the operator to decide (${plain(id)})\u001b[0m\n`)
  while (decision === 'pending' && !place.signal.aborted) {
    answer = await talk(place, 'GET', `/v1/exec/${encodeURIComponent(id)}?wait=${WAIT_SECONDS}`)
    ;[decision = ''] = head(answer.text)
  }
  return {
    id,
    allowed: answer.status === 200 && (decision === 'allow' || decision === 'warn'),
    lines: answer.text.split('\n'),
  }
}

/** GET at the guard door; prints the body. */
export async function fetchAtDoor(place: Place, path: string): Promise<number> {
  try {
    const { status, text } = await talk(place, 'GET', path)
    place.out(text)
    return status < 400 ? 0 : 8
  } catch (thrown) {
    place.err(`${thrown instanceof Error ? thrown.message : String(thrown)}\n`)
    return 4
  }
}

function head(text: string): string[] {
  return (text.split('\n', 1)[0] ?? '').split(' ')
}

function talk(
  { door, signal }: Place,
  method: string,
  path: string,
  body?: string,
): Promise<{ status: number; text: string }> {
  const socketPath = door()
  if (socketPath === undefined) return Promise.reject(new Error('the guard door is shut'))
  return new Promise((resolve, reject) => {
    const asked = http().request({ socketPath, method, path, signal, agent: false }, (answer) => {
      let text = ''
      answer.setEncoding('utf8')
      answer.on('data', (part: string) => {
        text = (text + part).slice(0, LONGEST_ANSWER)
      })
      answer.on('error', reject)
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text }))
    })
    asked.on('error', reject)
    asked.end(body)
  })
}

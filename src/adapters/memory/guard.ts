import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { http } from '../../base/http.ts'
import { plain } from '../../base/text.ts'
import type { PodSpec } from '../../ports/pods.ts'
import type { CommandContext } from './command-context.ts'
import { parseLine } from './command-line.ts'
import { quote } from '../../base/quote.ts'

const BIN = '/opt/deck/bin'
const WAIT_SECONDS = 30
const MAX_ANSWER_CHARS = 64 * 1024

/**
 * The agent's gated commands: for each program, patterns of its first arguments (`[]` matches all),
 * as written in the wrapper scripts of its bin folder.
 */
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

/** Whether a command must ask at the guard door first. */
export function mustAsk(spec: PodSpec, [program = '', ...args]: readonly string[]): boolean {
  return (
    gatedCommands(spec)
      .get(program)
      ?.some((words) => words.every((word, i) => args[i] === word)) ?? false
  )
}

/**
 * A wrapper's last line is `exec …/guard gate <program> <pattern>… -- "$@"`. If it cannot be
 * parsed, all commands are gated.
 */
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

/** A command that may be run, and how to report its end. */
interface AllowedRun {
  command: string
  report(exitCode: number): Promise<void>
}

/**
 * Asks at the guard door as the in-pod client does. Waits for the decision; undefined unless it is
 * allowed.
 */
export async function askGuard(
  context: CommandContext,
  words: readonly string[],
): Promise<AllowedRun | undefined> {
  try {
    const { id, allowed, lines } = await decided(context, words)
    if (context.signal.aborted) return undefined
    if (allowed) {
      const command = lines.find((line) => line.startsWith('run '))?.slice(4) ?? quote(words)
      return {
        command,
        report: (code) =>
          send(context, 'POST', `/v1/exec/${encodeURIComponent(id)}/exit?code=${code}`).then(
            () => undefined,
            () => undefined,
          ),
      }
    }
    const why = lines.filter((line) => line.startsWith('why ')).map((line) => line.slice(4))
    context.err(
      `\u001b[31mguard: denied: ${plain(why.join('; ') || 'no reason was given')}\u001b[0m\n`,
    )
  } catch (thrown) {
    if (!context.signal.aborted)
      context.err(
        `guard: denied: the guard door cannot be reached (${thrown instanceof Error ? thrown.message : String(thrown)})\n`,
      )
  }
  return undefined
}

async function decided(
  context: CommandContext,
  words: readonly string[],
): Promise<{ id: string; allowed: boolean; lines: string[] }> {
  let answer = await send(
    context,
    'POST',
    `/v1/exec?wait=0&cwd=${encodeURIComponent(context.cwd)}`,
    words.map((word) => `${word}\0`).join(''),
  )
  let [decision = '', id = ''] = firstLine(answer.text)
  if (decision === 'pending')
    context.err(`\u001b[33mguard: waiting for the operator to decide (${plain(id)})\u001b[0m\n`)
  while (decision === 'pending' && !context.signal.aborted) {
    answer = await send(context, 'GET', `/v1/exec/${encodeURIComponent(id)}?wait=${WAIT_SECONDS}`)
    ;[decision = ''] = firstLine(answer.text)
  }
  return {
    id,
    allowed: answer.status === 200 && (decision === 'allow' || decision === 'warn'),
    lines: answer.text.split('\n'),
  }
}

/** Sends a GET request to the guard door and prints the body. Returns the exit code. */
export async function fetchFromDoor(context: CommandContext, path: string): Promise<number> {
  try {
    const { status, text } = await send(context, 'GET', path)
    context.out(text)
    return status < 400 ? 0 : 8
  } catch (thrown) {
    context.err(`${thrown instanceof Error ? thrown.message : String(thrown)}\n`)
    return 4
  }
}

function firstLine(text: string): string[] {
  return (text.split('\n', 1)[0] ?? '').split(' ')
}

function send(
  { door, signal }: CommandContext,
  method: string,
  path: string,
  body?: string,
): Promise<{ status: number; text: string }> {
  const socketPath = door()
  if (socketPath === undefined) return Promise.reject(new Error('the guard door is closed'))
  return new Promise((resolve, reject) => {
    const request = http().request({ socketPath, method, path, signal, agent: false }, (answer) => {
      let text = ''
      answer.setEncoding('utf8')
      answer.on('data', (part: string) => {
        text = (text + part).slice(0, MAX_ANSWER_CHARS)
      })
      answer.on('error', reject)
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text }))
    })
    request.on('error', reject)
    request.end(body)
  })
}

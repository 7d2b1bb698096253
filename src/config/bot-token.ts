import { rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import * as z from 'zod'
import { errno, Fault } from '../base/fault.ts'
import { makePrivateFolder, readBounded, writeAtomic } from './files.ts'

/** The variable that holds the token of a bot instead of the file. */
export const BOT_TOKEN_VARIABLE = 'CLAWDECK_TELEGRAM_TOKEN'

/** A token begins with the number of its bot. */
const TOKEN = /^(\d{1,19}):[\w-]{20,100}$/

const File = z.strictObject({ token: z.string().regex(TOKEN), name: z.string().min(1).max(64) })

/** A bot of this deck, as far as it is known without asking. */
export interface StoredBot {
  token: string
  id: number
  name: string | undefined
}

/** Fault `input.invalid` for what is no token. It is not quoted. */
export function parseBotToken(text: string): { token: string; id: number } {
  const token = text.trim()
  const id = Number(TOKEN.exec(token)?.[1])
  if (Number.isSafeInteger(id) && id > 0) return { token, id }
  throw new Fault('input.invalid', 'that is not a bot token', {
    hint: 'BotFather shows it when it makes a bot: digits, a colon, and 35 letters.',
  })
}

/** The bot of this deck, by environment or file. Faults: `input.invalid`, `config.invalid`. */
export async function readBot(
  path: string,
  env: NodeJS.ProcessEnv,
): Promise<StoredBot | undefined> {
  const given = env[BOT_TOKEN_VARIABLE]
  if (given !== undefined && given !== '') return { ...parseBotToken(given), name: undefined }
  try {
    if (((await stat(path)).mode & 0o077) !== 0)
      throw invalid(path, 'can be read by others', `Run: chmod 600 ${path}, and renew the token.`)
    const { token, name } = File.parse(JSON.parse(await readBounded(path, 4096)))
    return { ...parseBotToken(token), name }
  } catch (cause) {
    if (cause instanceof Fault) throw cause
    if (errno(cause) === 'ENOENT') return undefined
    throw invalid(path, 'cannot be read', 'Set the token again: clawdeck access bot telegram')
  }
}

/** Stores it for the owner alone. */
export async function saveBot(path: string, bot: z.input<typeof File>): Promise<void> {
  await makePrivateFolder(dirname(path))
  await writeAtomic(path, `${JSON.stringify(bot)}\n`)
}

export async function removeBot(path: string): Promise<void> {
  await rm(path, { force: true })
}

function invalid(path: string, what: string, hint: string): Fault {
  return new Fault('config.invalid', `${path} ${what}`, { hint })
}

import * as z from 'zod'

/** Names are safe as file names, as DNS labels and on any screen. */
export const AgentName = z
  .string()
  .regex(
    /^[a-z][a-z0-9-]{0,30}[a-z0-9]$|^[a-z]$/,
    'must be 1 to 32 characters of a–z, 0–9 and -, starting with a letter, not ending with -',
  )
/** What somebody is let in to: the whole deck, or one agent. */
export const DeckOrAgent = z.union([z.literal('deck'), AgentName])
/** The number of an account at Telegram. */
export const TelegramAccount = z.coerce.number().int().positive()
export const TemplateName = z
  .string()
  .regex(
    /^[a-z][a-z0-9-]{0,31}$/,
    'must be 1 to 32 characters of a–z, 0–9 and -, starting with a letter',
  )
/** Names of people and programs, which also stand in the actor of an event. */
export const OperatorId = z
  .string()
  .regex(
    /^[a-z][a-z0-9._-]{0,31}$/,
    'must be 1 to 32 characters of a–z, 0–9, `.`, `_` and -, starting with a letter',
  )
export const Nothing = z.strictObject({})
export const OneAgent = z.strictObject({ agent: AgentName })
export const Id = z.string().min(1).max(64)
/** Rules and playbooks from a file keep their ids. */
export const RuleId = z.string().min(1).max(256)
export const Limit = z.coerce.number().int().min(1).max(10_000)
/** What a command can read, in bytes; it comes as base64. */
export const MAX_STDIN = 8 << 20
export const Stdin = z.base64().max(Math.ceil(MAX_STDIN / 3) * 4)
/** What a person confirmed, as `what=value` each on the command line. */
export const Confirm = z.preprocess(
  (given) =>
    Array.isArray(given)
      ? Object.fromEntries(given.map((word) => String(word).split(/=(.*)/s, 2) as [string, string]))
      : given,
  z
    .strictObject({
      seen: z.string().max(64).optional(),
      risk: z.string().max(64).optional(),
      count: z.string().max(64).optional(),
      code: z.string().max(64).optional(),
      past: z.string().max(64).optional(),
    })
    .default({}),
)
export const Note = z.string().max(2000)

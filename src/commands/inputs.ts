import * as z from 'zod'

/** Names are safe as file names, DNS labels and on any screen. */
export const AgentName = z
  .string()
  .regex(
    /^[a-z][a-z0-9-]{0,30}[a-z0-9]$|^[a-z]$/,
    'a name has 1 to 32 of a–z, 0–9 and -, begins with a letter and does not end with -',
  )
export const TemplateName = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,31}$/, 'a template name has 1 to 32 of a–z, 0–9 and -')
export const Nothing = z.strictObject({})
export const OneAgent = z.strictObject({ agent: AgentName })
export const Id = z.string().min(1).max(64)
/** Rules and playbooks from a file bring their ids along. */
export const RuleId = z.string().min(1).max(256)
export const Limit = z.coerce.number().int().min(1).max(10_000)
/** What a command reads: bytes in base64, 8 MiB at most. */
export const MOST_STDIN = 8 << 20
export const Stdin = z.base64().max(Math.ceil(MOST_STDIN / 3) * 4)
export const Note = z.string().max(2000)

import * as z from 'zod'
import { networkOf } from './matching/addresses.ts'
import { readHost } from './matching/target.ts'

/** What a pattern of hosts is in its one spelling; undefined if it is none. */
export function hostPattern(text: string): string | undefined {
  if (text === '*') return text
  if (text.includes('/')) return networkOf(text) === undefined ? undefined : text.toLowerCase()
  const isBelow = text.startsWith('*.')
  const read = readHost(isBelow ? text.slice(2) : text)
  if ('problem' in read || (isBelow && read.isAddress)) return undefined
  return isBelow ? `*.${read.host}` : read.host
}

const HostPattern = z
  .string()
  .min(1)
  .max(260)
  .transform((text, { addIssue }) => {
    const host = hostPattern(text)
    if (host !== undefined) return host
    addIssue({
      code: 'custom',
      message: 'this is no host',
      params: { fix: 'Write a name, *.name for all below it, an address, a network, or *.' },
    })
    return z.NEVER
  })

const Port = z.number().int().min(1).max(65_535)
const Method = z
  .string()
  .regex(/^[A-Z]{1,20}$/, 'a method is written in capitals, such as GET')
  .refine((method) => method !== 'CONNECT', 'a tunnel has no method: leave this key out')

const oneOrMany = <T extends z.ZodType>(one: T, max: number) =>
  z.union([one.transform((value) => [value]), z.array(one).min(1).max(max)])

/** The keys of which requests a rule is about. */
export const egressMatchFields = {
  host: HostPattern,
  port: oneOrMany(Port, 64).exactOptional(),
  method: oneOrMany(Method, 16).exactOptional(),
  path: z
    .string()
    .max(2048)
    .regex(/^[/*][\u0021-\u007e]*$/, 'a path begins with / or *, and has no spaces')
    .exactOptional(),
}

/** The keys of how much a rule allows. */
export const egressLimitFields = {
  maxMiB: z.number().positive().max(1_048_576).exactOptional(),
  perMinute: z.number().int().min(1).max(100_000).exactOptional(),
}

import * as z from 'zod'
import { canonical, sha256 } from '../../../base/canonical.ts'
import { Fault } from '../../../base/fault.ts'
import { parseYaml } from '../../../config/yaml.ts'
import { matchWords } from '../../egress/rules.ts'
import { egressLimitFields, egressMatchFields } from '../../egress/schema.ts'
import type { EgressMatch } from '../../egress/matching/types.ts'
import { peopleFields } from '../../operators/people/schema.ts'
import type { PeopleKeys } from '../../operators/people/types.ts'
import { patternProblem } from '../matching/pattern.ts'
import type { OperatorPolicy } from '../types.ts'

const Glob = (max: number) => z.string().min(1).max(max)
const Percent = z.number().int().min(0).max(100)
const Pattern = z
  .string()
  .min(1)
  .superRefine((source, { addIssue }) => {
    const problem = patternProblem(source)
    if (problem !== undefined)
      addIssue({ code: 'custom', message: problem.text, params: { fix: problem.fix } })
  })

const fields = {
  effect: z.enum(['allow', 'warn', 'ask', 'block']),
  type: z
    .string()
    .regex(
      /^(?:\*|[a-z][a-z0-9_.-]{0,31})$/,
      'a type is exec, net, file, tool, spend, message, or a custom type',
    )
    .optional(),
  target: Glob(4096).optional(),
  pattern: Pattern.optional(),
  options: z.literal('any').optional(),
  agent: Glob(64).optional(),
  template: Glob(64).optional(),
  riskAtLeast: Percent.optional(),
  riskAtMost: Percent.optional(),
  reason: z.string().max(2000).optional(),
  ...peopleFields,
}
const PolicyId = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/, 'an id has 1 to 64 letters, digits, _ . and -')
const PackPolicyId = z
  .string()
  .regex(
    /^[a-z0-9][a-z0-9_.-]{0,30}$/,
    'an id in a pack has 1 to 31 lower-case letters, digits, _ . and -',
  )
const PackName = z
  .string()
  .regex(
    /^[a-z][a-z0-9-]{0,31}$/,
    "a pack's name has 1 to 32 characters of a–z, 0–9 and -, and begins with a letter",
  )

type Fields = {
  effect: OperatorPolicy['effect']
  options?: 'any' | undefined
  type?: string | undefined
  target?: string | undefined
  pattern?: string | undefined
} & PeopleKeys

function checkPolicy(policy: Fields, context: z.core.$RefinementCtx): void {
  checkPattern(policy, context)
  checkPeople(policy, context)
  if (policy.options === undefined) return
  const allows = policy.effect === 'allow' || policy.effect === 'warn'
  if (!allows || policy.target === undefined || policy.type === 'net' || policy.type === 'file')
    context.addIssue({
      code: 'custom',
      path: ['options'],
      message: 'options are said only where the target of a command is allowed',
      params: { fix: 'Remove this key.', atKey: true },
    })
}

function checkPeople(
  policy: Pick<Fields, 'effect'> & PeopleKeys,
  { addIssue }: z.core.$RefinementCtx,
): void {
  if (policy.effect === 'ask') return
  for (const key of ['people', 'notStarter'] as const)
    if (policy[key] !== undefined)
      addIssue({
        code: 'custom',
        path: [key],
        message: 'only a policy that asks says who has to agree',
        params: { fix: 'Write `effect: ask`, or remove this key.', atKey: true },
      })
}

function checkPattern(
  { effect, type, target, pattern }: Fields,
  { addIssue }: z.core.$RefinementCtx,
): void {
  const wrong = (message: string, fix: string) =>
    addIssue({ code: 'custom', path: ['pattern'], message, params: { fix, atKey: true } })
  if (pattern === undefined) return
  if (target !== undefined)
    wrong('a policy has a target or a pattern, not both', 'Remove one of them.')
  if (type === 'net' && (effect === 'allow' || effect === 'warn'))
    wrong(
      'a pattern cannot allow network access: it does not know where a host name ends',
      'Use `target`, such as https://api.example.com/*',
    )
}

/** An entry of `egress`: where requests may go, wherever they come from. */
const EgressPolicy = z
  .strictObject({
    id: PolicyId.optional(),
    effect: fields.effect,
    ...egressMatchFields,
    ...egressLimitFields,
    agent: fields.agent,
    template: fields.template,
    riskAtLeast: fields.riskAtLeast,
    riskAtMost: fields.riskAtMost,
    reason: fields.reason,
    ...peopleFields,
  })
  .superRefine((policy, context) => {
    checkPeople(policy, context)
    checkLimits(policy, context)
  })

/** What a rule lets through is limited; what it asks about or blocks is not let through by it. */
function checkLimits(
  { effect, ...limits }: Pick<Fields, 'effect'> & Pick<EgressMatch, 'maxMiB' | 'perMinute'>,
  { addIssue }: z.core.$RefinementCtx,
): void {
  if (effect === 'allow' || effect === 'warn') return
  for (const key of ['maxMiB', 'perMinute'] as const)
    if (limits[key] !== undefined)
      addIssue({
        code: 'custom',
        path: [key],
        message: 'only what is allowed has a limit',
        params: { fix: 'Write `effect: allow`, or remove this key.', atKey: true },
      })
}

/** `policies.yaml`. */
const PoliciesSchema = z.strictObject({
  packs: z.array(PackName).max(64).nullable().default([]),
  policies: z
    .array(z.strictObject({ id: PolicyId.optional(), ...fields }).superRefine(checkPolicy))
    .max(20_000)
    .nullable()
    .default([]),
  egress: z.array(EgressPolicy).max(20_000).nullable().default([]),
})

/** A case of a pack: an action, and the expected effect of the pack's policies. */
const Case = z.strictObject({
  ask: z.string().min(1).max(4096),
  type: z.string().max(32).default('exec'),
  cwd: z.string().max(4096).default('/workspace'),
  agent: z.string().max(64).default('agent'),
  template: z.string().max(64).default('template'),
  risk: Percent.optional(),
  expect: z.enum(['block', 'ask', 'warn', 'allow', 'none']),
  by: PackPolicyId.optional(),
})

/** The file of a pack. */
export const PackSchema = z.strictObject({
  name: PackName,
  description: z.string().min(1).max(500),
  policies: z
    .array(z.strictObject({ id: PackPolicyId, ...fields }).superRefine(checkPolicy))
    .min(1)
    .max(500),
  tests: z.array(Case).min(1).max(2000),
})

export type PackCase = z.output<typeof Case>

/** Without the keys that are undefined. */
export function withoutUndefined<T extends object>(
  policy: T,
): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(policy).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>
  }
}

/** An entry of `egress` as a policy: its keys of where a request goes are one of them. */
export function egressPolicy({
  host,
  port,
  method,
  path,
  maxMiB,
  perMinute,
  ...rest
}: z.output<typeof EgressPolicy>): Omit<OperatorPolicy, 'id'> & { id?: string | undefined } {
  const egress = withoutUndefined({ host, port, method, path, maxMiB, perMinute }) as EgressMatch
  return { ...withoutUndefined(rest), type: 'net', target: matchWords(egress), egress }
}

/**
 * The policies of a `policies.yaml`, those of `egress` last, and the packs that it names. A policy
 * without an id gets one that is a hash of its content.
 */
export function readPolicyText(
  text: string,
  file: string,
): { policies: OperatorPolicy[]; packs: string[] } {
  if (text.trim() === '') return { policies: [], packs: [] }
  const parsed = parseYaml(text, PoliciesSchema, { file, code: 'policies.invalid' })
  const seen = new Set<string>()
  const all = [...(parsed.policies ?? []), ...(parsed.egress ?? []).map(egressPolicy)]
  const policies = all.map((policy) => {
    const given = withoutUndefined(policy)
    const id = given.id ?? `pol_${sha256(canonical(given)).slice(0, 10)}`
    if (seen.has(id))
      throw new Fault('policies.invalid', `${file}: two policies have the id ${id}`, {
        hint: 'Give each policy its own id, or remove one.',
      })
    seen.add(id)
    return { ...given, id } as OperatorPolicy
  })
  return { policies, packs: [...new Set(parsed.packs ?? [])] }
}

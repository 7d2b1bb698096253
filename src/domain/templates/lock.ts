import * as z from 'zod'
import { canonical, sha256 } from '../../base/canonical.ts'
import { lockedPeopleFields } from '../operators/people/schema.ts'
import { Fault } from '../../base/fault.ts'
import { readBounded } from '../../config/files.ts'
import type { HostKey, HostVerifier } from '../../base/signing.ts'
import { compile, type CompileTarget } from './compile.ts'
import type { Compiled, GuardBounds, PolicyLock, Template } from './types.ts'

const Hash = z.string().regex(/^[0-9a-f]{64}$/)
const patternFields = {
  type: z.string(),
  target: z.string(),
  reason: z.string().exactOptional(),
}
const Pattern = z.strictObject(patternFields)
const Ask = z.strictObject({ ...patternFields, ...lockedPeopleFields })
const Way = z.strictObject({
  host: z.string(),
  port: z.array(z.number()).exactOptional(),
  method: z.array(z.string()).exactOptional(),
  path: z.string().exactOptional(),
  effect: z.enum(['allow', 'warn', 'ask', 'block']).exactOptional(),
  reason: z.string().exactOptional(),
})

/** Strict: an additional key makes the lock invalid. */
const LockSchema: z.ZodType<PolicyLock> = z.strictObject({
  version: z.literal(1),
  agent: z.string(),
  template: z.string(),
  backend: z.enum(['podman', 'local', 'memory', 'outside']),
  templateHash: Hash,
  specHash: Hash,
  openclawHash: Hash,
  imageDigest: z.string(),
  guard: z.strictObject({
    types: z.array(z.string()),
    block: z.array(Pattern),
    ask: z.array(Ask),
    allow: z.array(Pattern),
    maxAutoRisk: z.number().min(0).max(100),
    egress: z.array(z.union([z.string(), Way])).exactOptional(),
    ...lockedPeopleFields,
  }),
  gated: z.array(z.string()),
  createdAt: z.string(),
  keyId: z.string(),
  signature: z.string(),
})

const MAX_LOCK_BYTES = 512 * 1024

/** SHA-256 of a value's canonical JSON. */
export function hashOf(value: unknown): string {
  return sha256(canonical(value))
}

/** The bounds that a template's lock signs. */
export function boundsOfTemplate({ guard, egress }: Template): GuardBounds {
  return egress.length === 0 ? guard : { ...guard, egress }
}

/** Compiles a template for an agent and signs the result. `createdAt` is in Unix milliseconds. */
export function compileAndLock(
  template: Template,
  target: CompileTarget,
  createdAt: number,
  key: HostKey,
): Compiled {
  const compiled = compile(template, target)
  const unsigned: Omit<PolicyLock, 'signature'> = {
    version: 1,
    agent: target.agent,
    template: template.name,
    backend: target.backend,
    templateHash: hashOf(template),
    specHash: hashOf(compiled.spec),
    openclawHash: hashOf(compiled.openclaw),
    imageDigest: target.imageDigest,
    guard: boundsOfTemplate(template),
    gated: template.gated,
    createdAt: new Date(createdAt).toISOString(),
    keyId: key.keyId,
  }
  return { ...compiled, lock: { ...unsigned, signature: key.sign(canonical(unsigned)) } }
}

/** Why a lock cannot be trusted, or undefined when this host signed it. */
export function lockProblem(lock: PolicyLock, key: HostVerifier): 'key' | 'signature' | undefined {
  if (lock.keyId !== key.keyId) return 'key'
  const { signature, ...unsigned } = lock
  try {
    return key.verify(canonical(unsigned), signature) ? undefined : 'signature'
  } catch {
    // A value without a canonical form (lone surrogates) was never signed.
    return 'signature'
  }
}

/**
 * Parses a lock. Fault `lock.invalid` when it is not JSON, or does not have the shape of a lock.
 */
export function parseLock(text: string, path: string): PolicyLock {
  const hint =
    'Start the agent with --force to compile and sign it again, or restore the file from a backup.'
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (cause) {
    throw new Fault('lock.invalid', `${path} is not valid JSON.`, { hint, cause })
  }
  const checked = LockSchema.safeParse(json)
  if (checked.success) return checked.data
  const issue = checked.error.issues[0]
  const where = issue === undefined || issue.path.length === 0 ? '' : ` at ${issue.path.join('.')}`
  throw new Fault(
    'lock.invalid',
    `${path} is not a policy lock${where}: ${issue?.message ?? 'unknown reason'}.`,
    { hint },
  )
}

/**
 * Reads and verifies an agent's lock, whose bounds the guard then uses. Fault `lock.invalid` when
 * it is missing, unreadable or malformed, signed by another key, changed after it was signed, or
 * the lock of another agent.
 */
export async function readLock(
  path: string,
  agent: string,
  key: HostVerifier,
): Promise<PolicyLock> {
  const hint =
    'See what changed with `clawdeck policy validate`. Start the agent with --force to accept and sign it.'
  let text: string
  try {
    text = await readBounded(path, MAX_LOCK_BYTES)
  } catch (cause) {
    throw new Fault('lock.invalid', `The lock of ${agent} cannot be read.`, { hint, cause })
  }
  const lock = parseLock(text, path)
  if (lock.agent !== agent)
    throw new Fault(
      'lock.invalid',
      `The lock in the folder of ${agent} belongs to another agent.`,
      { hint },
    )
  const problem = lockProblem(lock, key)
  if (problem === undefined) return lock
  const why =
    problem === 'key'
      ? "was signed by another key than this deck's"
      : 'was changed after it was signed'
  throw new Fault('lock.invalid', `The lock of ${agent} ${why}.`, { hint })
}

import { watch } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import * as z from 'zod'
import { canonical, sha256 } from '../../base/canonical.ts'
import type { Clock } from '../../base/clock.ts'
import { asFault, errno, Fault } from '../../base/fault.ts'
import { readBounded, writeWhole } from '../../config/files.ts'
import { parseYaml } from '../../config/yaml.ts'
import { compilePolicies, type CompiledPolicies } from './compiled.ts'
import { withoutPolicy, withPolicy } from './policies-text.ts'
import type { OperatorPolicy, PolicyFile } from './types.ts'

/** What a reader of the journal must know of the policies: which they are, how many, what is wrong with the file. */
export interface PoliciesFacts { hash: string; count: number; problem: string | null }

export interface PolicyFileKeeper {
  current(): PolicyFile
  compiled(): CompiledPolicies
  facts(): PoliciesFacts
  /** Writes a policy at the end of the file. Faults: `policies.invalid`, `name.taken`. */
  add(policy: OperatorPolicy, actor: string): Promise<OperatorPolicy>
  /** Takes a policy out of the file and answers it. Faults: `policies.invalid`, `not.found`. */
  remove(id: string, actor: string): Promise<OperatorPolicy>
  close(): void
}

export interface PolicyFileParts {
  path: string
  clock: Clock
  /** Told after each change, with who made it: an actor, or `file` when it was edited. */
  changed: (facts: PoliciesFacts, actor: string) => void
}

const LARGEST = 1024 * 1024
/** Editors write in several steps. */
const SETTLE_MS = 40

const Glob = (max: number) => z.string().min(1).max(max)
const Percent = z.number().int().min(0).max(100)
const Policy = z.strictObject({
  id: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/, 'an id has 1 to 64 letters, digits, _ . and -').optional(),
  effect: z.enum(['allow', 'warn', 'ask', 'block']),
  type: z.string().regex(/^(?:\*|[a-z][a-z0-9_.-]{0,31})$/, 'a type is exec, net, file, tool, spend, message, or one of your own').optional(),
  target: Glob(4096).optional(),
  agent: Glob(64).optional(),
  template: Glob(64).optional(),
  riskAtLeast: Percent.optional(),
  riskAtMost: Percent.optional(),
  reason: z.string().max(2000).optional(),
})
export const PoliciesSchema = z.strictObject({ policies: z.array(Policy).max(20_000).nullable().default([]) })

/** The policies of a text. A policy without an id gets one from what it says. Fault `policies.invalid` with the place. */
export function readPolicies(text: string, file: string): OperatorPolicy[] {
  if (text.trim() === '') return []
  const parsed = parseYaml(text, PoliciesSchema, { file, code: 'policies.invalid' }).policies ?? []
  const seen = new Set<string>()
  return parsed.map((policy) => {
    const given = Object.fromEntries(Object.entries(policy).filter(([, value]) => value !== undefined)) as Omit<OperatorPolicy, 'id'> & { id?: string }
    const id = given.id ?? `pol_${sha256(canonical(given)).slice(0, 10)}`
    if (seen.has(id)) throw new Fault('policies.invalid', `${file}: two policies are called ${id}`, { hint: 'Give each an id of its own, or remove one.' })
    seen.add(id)
    return { ...given, id }
  })
}

/**
 * `policies.yaml`, kept live. A file with a mistake leaves the last good policies in force, also over a restart; when
 * there never were any, everything asks a person.
 */
export async function policyFile({ path, clock, changed }: PolicyFileParts): Promise<PolicyFileKeeper> {
  const file = basename(path)
  const lastGood = join(dirname(path), `.${file}.good`)
  let now = await firstRead(path, lastGood, clock)
  let compiled = compilePolicies(now.policies)
  let text: string | undefined = now.problem === null ? now.text : undefined
  let queue: Promise<unknown> = Promise.resolve()
  let cancel: (() => void) | undefined

  const facts = (): PoliciesFacts => ({ hash: sha256(canonical(now.policies)), count: now.policies.length, problem: now.problem })

  async function take(actor: string): Promise<void> {
    const before = canonical(facts())
    const read = notVanished(await tryRead(path), now.policies.length > 0, file)
    if ('policies' in read) {
      const isNew = read.text !== text
      text = read.text
      now = { ...read, path, problem: null, loadedAt: clock.now() }
      if (isNew) { compiled = compilePolicies(now.policies); await writeWhole(lastGood, read.text).catch(() => undefined) }
    } else {
      now = { ...now, problem: read.problem }
    }
    if (canonical(facts()) !== before) changed(facts(), actor)
  }

  /** One change at a time, each on top of what the file says at that moment. */
  function inTurn<T>(act: () => Promise<T>): Promise<T> {
    const turn = queue.then(act)
    queue = turn.catch(() => undefined)
    return turn
  }

  async function rewrite(actor: string, make: (before: string, policies: OperatorPolicy[]) => string): Promise<void> {
    const read = notVanished(await tryRead(path), now.policies.length > 0, file)
    if ('problem' in read) throw new Fault('policies.invalid', `${read.problem}`, { hint: `Mend ${path} first: nothing is written over a file with a mistake.` })
    const after = make(read.text, read.policies)
    readPolicies(after, file)
    await writeWhole(path, after)
    await take(actor)
  }

  const watcher = watch(dirname(path), { persistent: false }, (_, name) => {
    if (name !== null && name !== file) return
    cancel?.()
    cancel = clock.after(SETTLE_MS, () => { void inTurn(() => take('file')) })
  })
  watcher.on('error', () => watcher.close())

  return {
    current: () => ({ policies: now.policies, path, problem: now.problem, loadedAt: now.loadedAt }),
    compiled: () => compiled,
    facts,
    async add(policy, actor) {
      await inTurn(() => rewrite(actor, (before, policies) => withPolicy(before, unlessTaken(policy, policies))))
      return policy
    },
    remove: (id, actor) => inTurn(async () => {
      const gone = { policy: undefined as OperatorPolicy | undefined }
      await rewrite(actor, (before, policies) => withoutPolicy(before, placeOf(id, policies, gone)))
      return gone.policy as OperatorPolicy
    }),
    close() { cancel?.(); watcher.close() },
  }
}

function unlessTaken(policy: OperatorPolicy, policies: readonly OperatorPolicy[]): OperatorPolicy {
  if (policies.some((p) => p.id === policy.id)) throw new Fault('name.taken', `there is a policy ${policy.id} already`, { hint: 'Choose another id, or remove that one first.' })
  return policy
}

function placeOf(id: string, policies: readonly OperatorPolicy[], gone: { policy: OperatorPolicy | undefined }): number {
  const at = policies.findIndex((p) => p.id === id)
  if (at < 0) throw new Fault('not.found', `no policy ${id}`, { hint: '`clawdeck policy list` shows them.' })
  gone.policy = policies[at]
  return at
}

type Read = { text: string; policies: OperatorPolicy[]; missing?: true } | { problem: string }

/**
 * An editor that truncates before it writes, or a file that was moved away, is nobody's wish to drop every block: with
 * policies in force, a file without a single word is a problem. Having none is said by `policies: []`.
 */
function notVanished(read: Read, some: boolean, file: string): Read {
  if (!some || !('policies' in read) || read.text.trim() !== '') return read
  return { problem: `${file} is ${read.missing === true ? 'gone' : 'empty'}; the policies that it held stay in force (write \`policies: []\` to have none)` }
}

/** A missing file is one without policies. Every other failure is a problem in words. */
async function tryRead(path: string): Promise<Read> {
  try {
    const text = await readBounded(path, LARGEST)
    return { text, policies: readPolicies(text, basename(path)) }
  } catch (thrown) {
    if (thrown instanceof Fault) return { problem: thrown.message }
    if (errno(thrown) === 'ENOENT') return { text: '', policies: [], missing: true }
    return { problem: `${basename(path)} cannot be read: ${errno(thrown) ?? asFault(thrown).message}` }
  }
}

async function firstRead(path: string, lastGood: string, clock: Clock): Promise<PolicyFile & { text: string }> {
  const common = { path, loadedAt: clock.now() }
  const kept = await tryRead(lastGood)
  const read = notVanished(await tryRead(path), 'policies' in kept && kept.policies.length > 0, basename(path))
  if ('policies' in read) {
    if (!('text' in kept) || kept.text !== read.text) await writeWhole(lastGood, read.text).catch(() => undefined)
    return { ...common, text: read.text, policies: read.policies, problem: null }
  }
  if ('policies' in kept && kept.text !== '') return { ...common, ...kept, problem: read.problem }
  const cautious: OperatorPolicy = { id: 'no-policies', effect: 'ask', reason: `${basename(path)} has a mistake, and no earlier version is known` }
  return { ...common, text: '', policies: [cautious], problem: read.problem }
}

import { canonical } from '../base/canonical.ts'
import { unconfirmed, type Confirmed } from '../base/confirmation.ts'
import { asFault, Fault } from '../base/fault.ts'
import type { Act, Caller } from '../commands/act.ts'
import { parseInput } from '../commands/input.ts'
import type { Deck } from '../commands/deck.ts'
import { acts, findFace } from '../commands/registry.ts'
import { RIGHTS, type Right } from '../domain/operators/rules.ts'
import type { Journal } from '../journal/journal.ts'
import type { Draft } from '../journal/types.ts'
import type { RefusedAct } from './refusals.ts'

/** Runs an act for a caller. Returns a promise, or for a stream an async iterable. */
export type Execute = (id: string, input: unknown, caller: Caller) => unknown

/** Characters of an input that are journalled with an intent. */
const MAX_INPUT = 2000

interface ExecutorParts {
  deck: Deck
  journal: Journal
  /** Writes down that an act was refused. */
  refused(refusal: RefusedAct): Promise<void>
  /** The acts that there are: those of people, unless a door has others. */
  find?: (id: string) => Act | undefined
}

/**
 * Runs every act of every door: checks the caller's rights, the input, the signature where a door
 * wants one, and what a person confirmed, journals the intent, runs the act, and journals its
 * completion. An act whose intent cannot be journalled does not run. Faults: `usage` (no such act),
 * `input.invalid` (naming the key), `refused` (rights, signature), `confirmation.needed`,
 * `journal.unwritable`, and those of the act.
 */
export function executor(parts: ExecutorParts): Execute {
  const { find = (of) => acts.get(of) } = parts
  return (id, input, caller) => {
    const act = find(id)
    if (act === undefined)
      throw new Fault('usage', `there is no command ${id}`, {
        hint: 'The client and the supervisor may have different versions: `clawdeck supervisor stop`, then try again.',
      })
    const may = RIGHTS[caller.role]
    if (!may.has(act.needsFirst))
      return refuseRight(parts, { act, given: input, caller }, act.needsFirst)
    const given = act.input === undefined ? input : parseInput(inputOf(act), input)
    const call = { act, given, caller }
    const needs = act.needs(given)
    if (!may.has(needs)) return refuseRight(parts, call, needs)
    const unsigned = needs === 'see' ? undefined : caller.unsigned?.(id, input)
    if (unsigned !== undefined) return refuse(parts, call, { missing: unsigned, needs })
    if (caller.agents !== undefined) return runForSome(parts, call, caller.agents)
    if (act.confirm === undefined && act.needsNow === undefined) return run(parts, call)
    return requireNow(parts, call).then(() => run(parts, call))
  }
}

function run({ journal, deck }: ExecutorParts, call: Call): unknown {
  const { act, given, caller } = call
  if (act.audit(given) !== 'intent') return act.run(deck, given, caller)
  return act.stream
    ? streamWithIntent(journal, deck, call)
    : withIntent(journal, call, () => act.run(deck, given, caller))
}

/** Runs an act for somebody who may see and work with some agents only. */
function runForSome(parts: ExecutorParts, call: Call, agents: ReadonlySet<string>): unknown {
  const { act, given } = call
  const { deck } = parts
  const sees = (agent: string) => agents.has(agent)
  const allowed = async () => {
    const concerned = await act.concerns(deck, given)
    const other = concerned?.find((agent) => !sees(agent))
    const needs = act.needs(given)
    if (concerned === null && act.narrow === undefined)
      await refuse(parts, call, { missing: 'rights for the whole deck', needs })
    if (other !== undefined)
      await refuse(parts, call, { missing: `rights for ${other}`, needs, of: other })
    await requireNow(parts, call)
  }
  const narrowed = (answer: unknown) =>
    act.narrow === undefined ? answer : act.narrow(answer, sees)
  if (!act.stream) return allowed().then(async () => narrowed(await run(parts, call)))
  return (async function* () {
    await allowed()
    for await (const item of run(parts, call) as AsyncIterable<unknown>) {
      const seen = narrowed(item)
      if (seen !== undefined) yield seen
    }
  })()
}

/** What it takes as things are now: rights, and what a person confirms. */
async function requireNow(parts: ExecutorParts, call: Call): Promise<void> {
  const { deck } = parts
  const needs = await call.act.needsNow?.(deck, call.given)
  if (needs !== undefined && !RIGHTS[call.caller.role].has(needs))
    await refuseRight(parts, call, needs)
  await requireConfirmed(deck, call)
}

/** Fault `confirmation.needed` with all that a person has not confirmed, or of something else. */
async function requireConfirmed(deck: Deck, { act, given }: Call): Promise<void> {
  const needed = (await act.confirm?.(deck, given)) ?? []
  const missing = unconfirmed(needed, (given as { confirm: Confirmed }).confirm)
  if (missing.length === 0) return
  const flags = missing.map(({ what, value }) => `--confirm ${what}=${value}`)
  throw new Fault('confirmation.needed', missing.map(({ text }) => text).join('\n'), {
    confirm: missing,
    hint: `If that is what you want, add ${flags.join(' ')}`,
  })
}

interface Call {
  act: Act
  given: unknown
  caller: Caller
}

function inputOf({ id, input }: Act): Parameters<typeof parseInput>[0] {
  const cli = findFace(id)?.cli
  return cli === undefined ? { id, input } : { id, input, cli }
}

function refuseRight(parts: ExecutorParts, call: Call, needs: Right): Promise<never> {
  const missing = `the right to ${needs}, which the role ${call.caller.role} does not have`
  return refuse(parts, call, { missing, needs })
}

async function refuse(
  { journal, refused }: ExecutorParts,
  { act, given, caller: { actor, door, role } }: Call,
  { missing, needs, of }: { missing: string; needs: Right; of?: string },
): Promise<never> {
  const title = findFace(act.id)?.title.toLowerCase() ?? act.id
  // The input may not have been read yet: it names an agent if there is one of that name.
  const named = of ?? subjectOf(given)
  const subject = journal.rows.get('agent', named) === undefined ? '' : named
  const isOfAgent = of !== undefined
  await refused({ actor, act: act.id, needs, role, door, subject, isOfAgent })
  throw new Fault('refused', `${title} needs ${missing}`, {
    hint: role === 'guest' ? 'Ask an owner of the deck to pair you.' : 'Ask an owner of this deck.',
  })
}

/** Runs work between its intent and its completion in the journal. */
async function withIntent<T>(journal: Journal, call: Call, run: () => T | Promise<T>): Promise<T> {
  const of = await begin(journal, call)
  let answer: T
  try {
    answer = await run()
  } catch (thrown) {
    const { code, message } = asFault(thrown)
    await end(journal, call, { type: 'act.failed', of, body: { code, message } }).catch(() => {
      // The caller has to see the failure of the act itself.
    })
    throw thrown
  }
  await end(journal, call, { type: 'act.finished', of, body: {} })
  return answer
}

async function* streamWithIntent(
  journal: Journal,
  deck: Deck,
  call: Call,
): AsyncGenerator<unknown> {
  const { act, given, caller } = call
  const of = await begin(journal, call)
  let ending: Ending = { type: 'act.finished', of, body: {} }
  try {
    yield* act.run(deck, given, caller) as AsyncIterable<unknown>
  } catch (thrown) {
    const { code, message } = asFault(thrown)
    ending = { type: 'act.failed', of, body: { code, message } }
    throw thrown
  } finally {
    await end(journal, call, ending)
  }
}

async function begin(journal: Journal, { act, given, caller }: Call): Promise<number> {
  const input = canonical(given as object).slice(0, MAX_INPUT)
  const [event] = await journal.append(() => [
    {
      type: 'act.started',
      actor: caller.actor,
      subject: subjectOf(given),
      body: { act: act.id, door: caller.door, input },
    },
  ])
  return event?.seq ?? 0
}

type Ending =
  | { type: 'act.finished'; of: number; body: object }
  | { type: 'act.failed'; of: number; body: { code: string; message: string } }

async function end(
  journal: Journal,
  { act, given, caller }: Call,
  { type, of, body }: Ending,
): Promise<void> {
  const draft = {
    type,
    actor: caller.actor,
    subject: subjectOf(given),
    body: { act: act.id, of, ...body },
  } as Draft
  await journal.append(() => [draft])
}

function subjectOf(given: unknown): string {
  const { agent } = (given ?? {}) as { agent?: unknown }
  return typeof agent === 'string' ? agent : ''
}

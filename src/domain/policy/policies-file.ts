import { watch, type FSWatcher } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { canonical, sha256 } from '../../base/canonical.ts'
import type { Clock } from '../../base/clock.ts'
import { Fault } from '../../base/fault.ts'
import { readBounded, writeAtomic } from '../../config/files.ts'
import { compilePolicies, type CompiledPolicies } from './compiled.ts'
import { packStore, type PackStore } from './packs/store.ts'
import {
  lastGood,
  NOTHING,
  notVanished,
  readWhole,
  tryRead,
  type Reading,
} from './policies-read.ts'
import { readPolicyText } from './policies-schema.ts'
import { withoutPack, withoutPolicy, withPack, withPolicy } from './policies-text.ts'
import type { OperatorPolicy, PolicyFile } from './types.ts'

/** What a reader of the journal must know of the policies: which they are, how many, what is wrong with the file. */
export interface PoliciesFacts {
  hash: string
  count: number
  problem: string | null
}

export interface PolicyFileHandle {
  current(): PolicyFile
  compiled(): CompiledPolicies
  facts(): PoliciesFacts
  /** Writes a policy at the end of the file. Faults: `policies.invalid`, `name.taken`. */
  add(policy: OperatorPolicy, actor: string): Promise<OperatorPolicy>
  /** Takes a policy out of the file and answers it. Faults: `policies.invalid`, `not.found`, `not.possible` for one of a pack. */
  remove(id: string, actor: string): Promise<OperatorPolicy>
  /** The packs that the file names, also while one of them is what is wrong with it. */
  packs(): readonly string[]
  /** Names a pack in the file. Faults: `policies.invalid` also for a pack that cannot be used, `not.found`. */
  enable(pack: string, actor: string): Promise<void>
  /** Takes a pack's name out of the file: also that of one which cannot be used. Fault `policies.invalid`. */
  disable(pack: string, actor: string): Promise<void>
  /** The policies that a text would put in force were it this file, those of its packs among them. Fault `policies.invalid`. */
  read(text: string, name: string): Promise<OperatorPolicy[]>
  close(): void
}

export interface PolicyFileParts {
  path: string
  clock: Clock
  /** Told after each change, with who made it: an actor, or `file` when it was edited. */
  changed: (facts: PoliciesFacts, actor: string) => void
  shelf?: PackStore
}

/** Editors write in several steps. */
const SETTLE_MS = 40
const LARGEST = 1024 * 1024

/** The policies of a text of its own. Await `readyForPatterns` first where it may have any. Fault `policies.invalid` with the place. */
export function readPolicies(text: string, file: string): OperatorPolicy[] {
  return readPolicyText(text, file).policies
}

/**
 * `policies.yaml`, kept live, with the packs that it names. A file with a mistake, or with a pack that has one, leaves the
 * last good policies in force, also over a restart; when there never were any, everything asks a person.
 */
export async function policyFile({
  path,
  clock,
  changed,
  shelf = packStore([]),
}: PolicyFileParts): Promise<PolicyFileHandle> {
  const file = basename(path)
  const live = await inForce({ path, clock, changed, shelf })
  let queue: Promise<unknown> = Promise.resolve()

  /** One change at a time, each on top of what the file says at that moment. */
  function inTurn<T>(act: () => Promise<T>): Promise<T> {
    const turn = queue.then(act)
    queue = turn.catch(() => undefined)
    return turn
  }

  async function rewrite(actor: string, make: (before: Reading) => string): Promise<void> {
    const read = await live.look()
    if ('problem' in read)
      throw new Fault('policies.invalid', `${read.problem}`, {
        hint: `Mend ${path} first: nothing is written over a file with a mistake.`,
      })
    const after = make(read)
    await readWhole(after, file, shelf)
    await writeAtomic(path, after)
    await live.take(actor)
  }

  /** What a pack's own mistake must not prevent; the file around it has to be right. */
  async function disable(pack: string, actor: string): Promise<void> {
    const before = await readBounded(path, LARGEST).catch(() => '')
    if (!readPolicyText(before, file).packs.includes(pack)) return
    await writeAtomic(path, withoutPack(before, pack))
    await live.take(actor)
  }

  const watching = watchFiles(path, clock, () => {
    void inTurn(() => live.take('file'))
  })

  return {
    current: live.current,
    compiled: live.compiled,
    facts: live.facts,
    packs: live.packs,
    async add(policy, actor) {
      await inTurn(() =>
        rewrite(actor, ({ text, own }) => withPolicy(text, unlessTaken(policy, own))),
      )
      return policy
    },
    remove: (id, actor) =>
      inTurn(async () => {
        const gone = { policy: undefined as OperatorPolicy | undefined }
        await rewrite(actor, ({ text, own, policies }) =>
          withoutPolicy(text, placeOf(id, { own, policies }, gone)),
        )
        return gone.policy as OperatorPolicy
      }),
    enable: (pack, actor) =>
      inTurn(async () => {
        await shelf.read(pack)
        if (!live.packs().includes(pack)) await rewrite(actor, ({ text }) => withPack(text, pack))
      }),
    disable: (pack, actor) => inTurn(() => disable(pack, actor)),
    read: async (text, name) => (await readWhole(text, name, shelf)).policies,
    close() {
      watching.close()
    },
  }
}

/** The policies in force: those of the file, or the last good ones and what is wrong with it. */
async function inForce({ path, clock, changed, shelf }: Required<PolicyFileParts>) {
  const good = lastGood(path)
  let now = await firstRead(path, { good, shelf, clock })
  let { named } = now
  let compiled = compilePolicies(now.policies)
  let version: string | undefined = now.problem === null ? versionOf(now) : undefined

  const facts = (): PoliciesFacts => ({
    hash: sha256(canonical(now.policies)),
    count: now.policies.length,
    problem: now.problem,
  })
  const look = async () =>
    notVanished(await tryRead(path, shelf), now.policies.length > 0, basename(path))

  async function take(actor: string): Promise<void> {
    const before = canonical(facts())
    const read = await look()
    named = read.packs ?? named
    if ('policies' in read) {
      const isNew = versionOf(read) !== version
      version = versionOf(read)
      now = { ...read, named, path, problem: null, loadedAt: clock.now() }
      if (isNew) {
        compiled = compilePolicies(now.policies)
        await good.keep(read)
      }
    } else {
      now = { ...now, problem: read.problem }
    }
    if (canonical(facts()) !== before) changed(facts(), actor)
  }

  return {
    current: (): PolicyFile => ({
      policies: now.policies,
      path,
      problem: now.problem,
      loadedAt: now.loadedAt,
    }),
    compiled: () => compiled,
    packs: () => named,
    facts,
    look,
    take,
  }
}

function versionOf({ text, kept }: Reading): string {
  return canonical([text, kept])
}

/** Hears of the file, and of packs in the folder beside it, which may come and go. */
function watchFiles(path: string, clock: Clock, hear: () => void): { close(): void } {
  const [file, folder] = [basename(path), join(dirname(path), PACKS_FOLDER)]
  let cancel: (() => void) | undefined
  let packs: FSWatcher | undefined
  const soon = () => {
    cancel?.()
    cancel = clock.after(SETTLE_MS, hear)
  }
  const listen = (where: string, heard: (name: string | null) => void) => {
    const watcher = watch(where, { persistent: false }, (_, name) => heard(name))
    watcher.on('error', () => watcher.close())
    return watcher
  }
  function packsToo(): void {
    packs?.close()
    try {
      packs = listen(folder, soon)
    } catch {
      packs = undefined /* there is no such folder now */
    }
  }
  const own = listen(dirname(path), (name) => {
    if (name === null || name === PACKS_FOLDER) packsToo()
    if (name === null || name === file || name === PACKS_FOLDER) soon()
  })
  packsToo()
  return {
    close() {
      cancel?.()
      own.close()
      packs?.close()
    },
  }
}

/** Where packs of one's own lie, beside `policies.yaml`. */
export const PACKS_FOLDER = 'policies'

function unlessTaken(policy: OperatorPolicy, policies: readonly OperatorPolicy[]): OperatorPolicy {
  if (policies.some((p) => p.id === policy.id))
    throw new Fault('name.taken', `there is a policy ${policy.id} already`, {
      hint: 'Choose another id, or remove that one first.',
    })
  return policy
}

function placeOf(
  id: string,
  { own, policies }: Pick<Reading, 'own' | 'policies'>,
  gone: { policy: OperatorPolicy | undefined },
): number {
  const at = own.findIndex((p) => p.id === id)
  const pack = policies.find((p) => p.id === id)?.pack
  if (pack !== undefined)
    throw new Fault('not.possible', `${id} belongs to the pack ${pack}`, {
      hint: `clawdeck policy pack disable ${pack} takes all of it away; a policy of your own can be stricter, never laxer, than a pack's.`,
    })
  if (at < 0)
    throw new Fault('not.found', `no policy ${id}`, { hint: '`clawdeck policy list` shows them.' })
  gone.policy = own[at]
  return at
}

type Now = PolicyFile & Reading & { named: readonly string[] }

async function firstRead(
  path: string,
  { good, shelf, clock }: { good: ReturnType<typeof lastGood>; shelf: PackStore; clock: Clock },
): Promise<Now> {
  const found = await tryRead(path, shelf)
  if ('policies' in found && found.text.trim() !== '')
    return begun({ ...found, named: found.packs, path, problem: null, loadedAt: clock.now() }, good)
  const kept = await good.read()
  const read = notVanished(found, 'policies' in kept && kept.policies.length > 0, basename(path))
  const common = { path, loadedAt: clock.now(), named: read.packs ?? kept.packs ?? [] }
  if ('policies' in read) return begun({ ...common, ...read, problem: null }, good)
  if ('policies' in kept && kept.text !== '') return { ...common, ...kept, problem: read.problem }
  const cautious: OperatorPolicy = {
    id: 'no-policies',
    effect: 'ask',
    reason: `${basename(path)} has a mistake, and no earlier version is known`,
  }
  return { ...common, ...NOTHING, policies: [cautious], problem: read.problem }
}

async function begun(now: Now, good: ReturnType<typeof lastGood>): Promise<Now> {
  if (!(await good.is(now))) await good.keep(now)
  return now
}

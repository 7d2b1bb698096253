import type { Clock } from '../../base/clock.ts'
import { Fault } from '../../base/fault.ts'
import { newId } from '../../base/ids.ts'
import type { Journal } from '../../journal/journal.ts'
import type { Draft } from '../../journal/types.ts'
import type { Store } from '../../store/open.ts'
import { keyHash, newKey } from './keys.ts'
import { operatorActor, operatorCan } from './rules.ts'
import type {
  Operator,
  OperatorAccess,
  OperatorRow,
  OperatorService,
  ChangedRights,
  Presence,
  Rights,
} from './types.ts'

export interface OperatorParts {
  journal: Journal
  store: Store
  clock: Clock
  problem: (what: string) => void
}

/** Opens the operators of a deck. The first start adds the person who runs it, as its owner. */
export async function openOperators(
  parts: OperatorParts,
  localId: string,
): Promise<OperatorService & OperatorAccess> {
  const { journal } = parts
  const operators = new Operators(parts)
  if (operators.all().every(({ local }) => !local))
    await journal.append(() => [
      {
        type: 'operator.added',
        actor: 'supervisor',
        subject: '',
        body: {
          id: localId,
          kind: 'person',
          role: 'owner',
          agents: null,
          local: true,
          keyHash: null,
        },
      },
    ])
  return operators
}

class Operators implements OperatorService, OperatorAccess {
  readonly #parts: OperatorParts
  readonly #all: () => Operator[]
  readonly #trusted = new Map<string, AbortController>()
  readonly #here = new Map<string, Presence[]>()
  readonly #listeners: (() => void)[] = []
  #localId: string | undefined

  constructor(parts: OperatorParts) {
    this.#parts = parts
    const all = parts.store.prepare<[], { row: string }>('SELECT row FROM operator ORDER BY id')
    this.#all = () => all.all().map(({ row }) => JSON.parse(row) as Operator)
  }

  all(): Operator[] {
    return this.#all()
  }

  local(): Operator {
    this.#localId ??= this.#all().find((operator) => operator.local)?.id
    return this.#known(this.#localId ?? '')
  }

  active(id: string): Operator | undefined {
    const operator = this.#parts.journal.rows.get<Operator>('operator', id)
    return operator?.state === 'active' ? operator : undefined
  }

  withKey(key: string): Operator | undefined {
    const hash = keyHash(key)
    return this.#all().find((one) => one.keyHash === hash && one.state === 'active')
  }

  whileTrusted(id: string): AbortSignal {
    const known = this.#trusted.get(id) ?? new AbortController()
    this.#trusted.set(id, known)
    return known.signal
  }

  // A property, so that it can be handed on.
  readonly distrust = (id: string, why: string): void => {
    const before = this.#trusted.get(id)
    this.#trusted.delete(id)
    before?.abort(new Fault('refused', why))
  }

  present(id: string, door: string, signal: AbortSignal): void {
    const presence = { id: newId('con'), door, since: this.#parts.clock.now() }
    const actor = operatorActor(id, door)
    this.#here.set(id, [...(this.#here.get(id) ?? []), presence])
    this.#note({ type: 'operator.came', actor, subject: '', body: { id, door } })
    signal.addEventListener(
      'abort',
      () => {
        const left = (this.#here.get(id) ?? []).filter((one) => one !== presence)
        this.#here.set(id, left)
        this.#note({ type: 'operator.left', actor, subject: '', body: { id, door } })
      },
      { once: true },
    )
  }

  rows(): OperatorRow[] {
    return this.#all()
      .filter(({ state }) => state === 'active')
      .map((operator) => this.#row(operator))
  }

  onChange(listener: () => void): void {
    this.#listeners.push(listener)
  }

  async list(state: 'active' | 'all'): Promise<OperatorRow[]> {
    return state === 'active' ? this.rows() : this.#all().map((operator) => this.#row(operator))
  }

  async add(id: string, rights: Rights, actor: string): Promise<OperatorRow> {
    return this.#added({ id, kind: 'person', ...rights, local: false, keyHash: null }, actor)
  }

  async addKey(
    id: string,
    rights: Rights,
    actor: string,
  ): Promise<{ operator: OperatorRow; key: string }> {
    const key = newKey()
    const added = { id, kind: 'key', ...rights, local: false, keyHash: keyHash(key) } as const
    return { operator: await this.#added(added, actor), key }
  }

  give(id: string, { role, agents: given }: ChangedRights, actor: string): Promise<OperatorRow> {
    return this.#change(id, (operator) => {
      const agents = given === undefined ? operator.agents : given
      return {
        reason: operatorCan.be(operator, { role, agents }),
        draft: {
          type: 'operator.rights_changed',
          actor,
          subject: '',
          body: { id, role, agents },
        },
      }
    })
  }

  remove(id: string, actor: string): Promise<OperatorRow> {
    return this.#change(id, (operator) => ({
      reason: operatorCan.leave(operator),
      draft: { type: 'operator.removed', actor, subject: '', body: { id } },
    }))
  }

  #row(operator: Operator): OperatorRow {
    const { keyHash: _hash, ...shown } = operator
    return { ...shown, here: this.#here.get(shown.id) ?? [] }
  }

  #known(id: string): Operator {
    const operator = this.#parts.journal.rows.get<Operator>('operator', id)
    if (operator === undefined)
      throw new Fault('not.found', `no operator ${id}`, {
        hint: '`clawdeck operators list` shows who may work with this deck.',
      })
    return operator
  }

  async #added(body: Omit<Operator, 'addedAt' | 'addedBy' | 'state'>, actor: string) {
    await this.#parts.journal.append(() => {
      const before = this.#parts.journal.rows.get<Operator>('operator', body.id)
      // A name is never given again: events of the past would read as those of somebody else.
      if (before !== undefined)
        throw new Fault('not.possible', `${body.id} is taken`, {
          hint:
            before.state === 'removed'
              ? 'Events of the past carry this name. Choose another one.'
              : `\`clawdeck operators role ${body.id} <role>\` changes their rights.`,
        })
      const reason = operatorCan.be({ ...body, addedAt: 0, addedBy: '', state: 'active' }, body)
      if (reason !== undefined) throw new Fault('not.possible', reason)
      return [{ type: 'operator.added', actor, subject: '', body }]
    })
    this.#changed()
    return this.#row(this.#known(body.id))
  }

  async #change(
    id: string,
    decide: (operator: Operator) => { reason: string | undefined; draft: Draft },
  ): Promise<OperatorRow> {
    await this.#parts.journal.append(() => {
      const { reason, draft } = decide(this.#known(id))
      if (reason !== undefined) throw new Fault('not.possible', reason)
      return [draft]
    })
    this.distrust(id, `the rights of ${id} were changed`)
    this.#changed()
    return this.#row(this.#known(id))
  }

  #note(draft: Draft): void {
    this.#changed()
    this.#parts.journal
      .append(() => [draft])
      .catch((thrown: unknown) => {
        this.#parts.problem(`${draft.type} could not be written down: ${String(thrown)}`)
      })
  }

  #changed(): void {
    for (const listener of this.#listeners) listener()
  }
}

import { asFault, Fault } from '../../base/fault.ts'
import type { Journal } from '../../journal/journal.ts'
import type { Draft } from '../../journal/types.ts'
import type {
  DoorAddress,
  DoorOpener,
  DoorPlace,
  DoorRow,
  DoorService,
  DoorState,
  OpenDoor,
  SwitchedDoor,
} from './types.ts'

/** Listens at those doors that were opened, from start to start. */
export class Doors implements DoorService, AsyncDisposable {
  readonly #journal: Journal
  readonly #problem: (what: string) => void
  readonly #listening = new Map<SwitchedDoor, OpenDoor>()
  readonly #problems = new Map<SwitchedDoor, string>()
  #openers: Partial<Record<SwitchedDoor, DoorOpener>> = {}
  readonly #started = Promise.withResolvers<void>()
  /** One change after the other. */
  #turn: Promise<unknown> = this.#started.promise

  constructor(journal: Journal, problem: (what: string) => void) {
    this.#journal = journal
    this.#problem = problem
  }

  /** Opens what was open when the last supervisor ended. What cannot be opened is said. */
  async start(openers: Record<SwitchedDoor, DoorOpener>): Promise<void> {
    this.#openers = openers
    for (const door of this.#states()) {
      if (door.state === 'closed') continue
      try {
        this.#listening.set(door.id, await openers[door.id](door))
      } catch (thrown) {
        const { message } = asFault(thrown)
        this.#problems.set(door.id, message)
        this.#problem(`the door ${door.id} could not be opened: ${message}`)
      }
    }
    this.#started.resolve()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const all = [...this.#listening.values()]
    this.#listening.clear()
    await Promise.all(all.map((door) => door[Symbol.asyncDispose]()))
  }

  /** How an open door is reached; undefined while nothing listens there. */
  addressOf(id: SwitchedDoor): DoorAddress | undefined {
    return this.#listening.get(id)?.address
  }

  async list(): Promise<DoorRow[]> {
    await this.#started.promise
    return this.#states().map((door) => this.#row(door))
  }

  open(id: SwitchedDoor, place: DoorPlace, actor: string): Promise<DoorRow> {
    return this.#inTurn(async () => {
      const opener = this.#openers[id]
      if (opener === undefined) throw new Fault('not.possible', `there is no door ${id} here`)
      await this.#stopListening(id)
      const door = await opener(place).catch(async (thrown: unknown) => {
        if (this.#state(id)?.state === 'open') await this.#write({ type: 'closed', id, actor })
        throw thrown
      })
      try {
        await this.#write({ type: 'opened', id, actor, place: door.address.place })
      } catch (thrown) {
        await door[Symbol.asyncDispose]()
        throw thrown
      }
      this.#listening.set(id, door)
      return this.#known(id)
    })
  }

  close(id: SwitchedDoor, actor: string): Promise<DoorRow> {
    return this.#inTurn(async () => {
      if (this.#state(id)?.state !== 'open')
        throw new Fault('not.possible', `the door ${id} is not open`)
      await this.#write({ type: 'closed', id, actor })
      await this.#stopListening(id)
      return this.#known(id)
    })
  }

  #inTurn<T>(change: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(change)
    this.#turn = turn.catch(() => undefined)
    return turn
  }

  async #stopListening(id: SwitchedDoor): Promise<void> {
    const door = this.#listening.get(id)
    this.#listening.delete(id)
    this.#problems.delete(id)
    await door?.[Symbol.asyncDispose]()
  }

  async #write(change: DoorChange): Promise<void> {
    const { id, actor } = change
    const draft: Draft =
      change.type === 'opened'
        ? { type: 'door.opened', actor, subject: '', body: { id, ...change.place } }
        : { type: 'door.closed', actor, subject: '', body: { id } }
    await this.#journal.append(() => [draft])
  }

  #states(): DoorState[] {
    return DOORS.map((id) => this.#state(id)).filter((door) => door !== undefined)
  }

  #state(id: SwitchedDoor): DoorState | undefined {
    return this.#journal.rows.get<DoorState>('door', id)
  }

  #known(id: SwitchedDoor): DoorRow {
    const door = this.#state(id)
    if (door === undefined) throw new Fault('not.found', `the door ${id} was never opened`)
    return this.#row(door)
  }

  #row(door: DoorState): DoorRow {
    const address = this.addressOf(door.id) ?? null
    return { ...door, address, problem: this.#problems.get(door.id) ?? null }
  }
}

type DoorChange = { id: SwitchedDoor; actor: string } & (
  | { type: 'opened'; place: DoorPlace }
  | { type: 'closed' }
)

const DOORS: readonly SwitchedDoor[] = ['web', 'api']

import { asFault } from '../../base/fault.ts'
import type { Store } from '../../store/open.ts'
import type { Journal } from '../journal.ts'
import type { AcceptedLoss, Draft, Loss, Verification } from '../types.ts'
import type { FoundLoss } from './noun.ts'

interface LossesOptions {
  store: Store
  journal: Journal
  log: (what: string) => void
}

/** What an agent and an operator are told while the journal is not trusted. */
const UNTIL_ACCEPTED =
  'a person decides everything until an owner accepts the loss (clawdeck audit accept-loss)'
const UNTIL_INTACT = 'a person decides everything until the journal is verified as intact'

/**
 * Whether the deck can rely on its journal. While it is known to be broken, nothing that rests on
 * it allows anything, until an owner accepts what is lost.
 */
export class Losses implements Disposable {
  readonly #options: LossesOptions
  readonly #read: () => FoundLoss[]
  readonly #unfollow: () => void
  readonly #listeners: (() => void)[] = []
  #all: FoundLoss[]
  #version = 0
  /** Known, and not journalled yet. */
  #suspected: Loss | undefined
  /** Why the last verification could not prove what decides about agents. */
  #unproven: string | undefined

  constructor(options: LossesOptions) {
    const { store, journal } = options
    this.#options = options
    const rows = store.prepare<[], string>('SELECT row FROM journal_loss').pluck()
    this.#read = () =>
      rows
        .all()
        .map((row) => JSON.parse(row) as FoundLoss)
        .toSorted((a, b) => a.event - b.event)
    this.#all = this.#read()
    this.#unfollow = journal.follow(({ touched }) => {
      if (touched.some(({ table }) => table === 'journal_loss')) this.#reload()
    })
  }

  /** Why the journal is not trusted, and until when; undefined while it is. */
  get problem(): string | undefined {
    const loss = this.open[0] ?? this.#suspected
    if (loss !== undefined) return `the journal is broken: ${loss.what}; ${UNTIL_ACCEPTED}`
    return this.#unproven === undefined ? undefined : `${this.#unproven}; ${UNTIL_INTACT}`
  }

  /** Findings that no owner has accepted. */
  get open(): FoundLoss[] {
    return this.#all.filter(({ accepted }) => accepted === null)
  }

  get accepted(): AcceptedLoss[] {
    return this.#all.flatMap(({ after, lost, what, accepted }) =>
      accepted === null ? [] : [{ after, lost, what, ...accepted }],
    )
  }

  /** Another one after each finding and acceptance. */
  get version(): number {
    return this.#version
  }

  /** Calls `listener` whenever `problem` may have changed. */
  onChange(listener: () => void): void {
    this.#listeners.push(listener)
  }

  /** From now on the journal is not trusted. `record` writes it down. */
  suspect(loss: Loss): void {
    this.#suspected = loss
    this.#options.log(`the journal is broken: ${loss.what}`)
    this.#changed()
  }

  /** Journals what is suspected and what follows from it, unless a finding is open already. */
  async record(consequences: () => Draft[] = () => []): Promise<void> {
    const loss = this.#suspected
    if (loss === undefined) return
    await this.#options.journal.append(() =>
      this.open.length > 0
        ? []
        : [
            { type: 'journal.loss_found', actor: 'supervisor', subject: '', body: { ...loss } },
            ...consequences(),
          ],
    )
    this.#suspected = undefined
  }

  /**
   * Takes notice of a verification. `began` is the `version` when that began: if a loss was found
   * or accepted meanwhile, it says nothing about what holds now.
   */
  async verified({ problems }: Verification, began: number): Promise<void> {
    if (began !== this.#version) return
    const of = (...places: string[]) => problems.find(({ where }) => places.includes(where))
    const unproven = of('state', 'database')
    this.#unproven = unproven && `the ${unproven.where} is not proven: ${unproven.what}`
    const broken = of('journal', 'checkpoint')
    if (broken === undefined || this.open.length > 0) {
      this.#changed()
      return
    }
    const { seq, what } = broken
    this.suspect({
      after: seq === null ? null : seq - 1,
      lost: null,
      what: seq === null ? what : `${what} (event ${seq})`,
    })
    await this.record().catch((thrown: unknown) => this.#options.log(asFault(thrown).message))
  }

  [Symbol.dispose](): void {
    this.#unfollow()
  }

  #reload(): void {
    this.#all = this.#read()
    this.#version++
    this.#changed()
  }

  #changed(): void {
    for (const listener of this.#listeners) listener()
  }
}

import { asFault } from '../../../base/fault.ts'
import type { Face } from '../../../commands/face.ts'
import {
  filterInput,
  type ListedRow,
  type ListPage,
  type Listing,
  type PlacedRow,
} from '../../../commands/listing.ts'
import type { LayerOf, UiLayer } from '../store/layer.ts'
import {
  firstPage,
  renewed,
  ROWS_KEPT,
  rowIndex,
  withNewer,
  withOlder,
  type Listed,
} from '../store/listed.ts'
import { changeLayer, pushLayer } from '../store/store.ts'
import type { ConsoleContext } from './context.ts'
import { keepAsking } from './keep-asking.ts'

type List = LayerOf<'list'>

export type ListFace = Face & { list: Listing }

/** Shows the answer of a face as a list that stays up to date until it is closed. */
export function openList(
  context: ConsoleContext,
  face: ListFace,
  { input = {}, filter = '' }: { input?: Record<string, unknown>; filter?: string } = {},
): void {
  const scrollKey = {}
  pushLayer(context.store, {
    kind: 'list',
    face,
    input,
    filter,
    cursor: null,
    rows: [],
    newer: null,
    older: null,
    loadedFilter: null,
    loading: true,
    problem: '',
    scrollKey,
  })
  const loader = new ListLoader(context, scrollKey)
  keepAsking(context, face, loader)
}

/** Loads the rows of a list, and those around what is shown of it. */
class ListLoader {
  readonly #context: ConsoleContext
  readonly #scrollKey: object

  constructor(context: ConsoleContext, scrollKey: object) {
    this.#context = context
    this.#scrollKey = scrollKey
  }

  isOpen(): boolean {
    return this.#layer() !== undefined
  }

  next(changed: boolean): (() => Promise<void>) | undefined {
    const layer = this.#layer()
    if (layer === undefined) return undefined
    const isFirst = layer.loadedFilter !== layer.filter
    if (!isFirst && !changed && layer.problem !== '') return undefined
    const load = isFirst ? () => this.#first(layer) : this.#more(layer, changed)
    return load === undefined ? undefined : () => this.#guarded(layer, load)
  }

  #layer(): List | undefined {
    return this.#context.store.getState().ui.layers.find((layer): layer is List => this.#is(layer))
  }

  #is(layer: UiLayer): boolean {
    return layer.kind === 'list' && layer.scrollKey === this.#scrollKey
  }

  /** So many rows are asked for at once: more than are shown. */
  #page(): number {
    return Math.max(50, this.#context.store.getState().ui.rows * 2)
  }

  async #first(layer: List): Promise<void> {
    this.#show(
      layer,
      layer.face.list.paged ? firstPage(await this.#ask(layer)) : await this.#all(layer),
    )
  }

  #more(layer: List, changed: boolean): (() => Promise<void>) | undefined {
    if (!layer.face.list.paged)
      return changed ? async () => this.#show(layer, await this.#all(layer)) : undefined
    const at = rowIndex(layer.rows, layer.cursor)
    if (changed || (layer.cursor === null && layer.newer !== null))
      return () => this.#renew(layer, at)
    const page = this.#page()
    const { older, newer } = layer
    if (older !== null && at + page > layer.rows.length)
      return async () => {
        const more = await this.#ask(layer, { from: older })
        this.#change(layer, (now) => withOlder(now, more))
      }
    if (newer !== null && at < page)
      return async () => {
        const more = await this.#ask(layer, { from: newer, side: 'newer' })
        this.#change(layer, (now) => withNewer(now, more))
      }
    return undefined
  }

  /** Asks again for the rows that are shown, and for those above the first one. */
  async #renew(layer: List, at: number): Promise<void> {
    const first = layer.rows[0] as PlacedRow | undefined
    if (layer.cursor === null || first === undefined) {
      const page = await this.#ask(layer)
      this.#change(layer, (now) => renewed(now, page, null))
      return
    }
    if (layer.newer === null) {
      const page = await this.#ask(layer, { from: first.place, side: 'newer' })
      const isFull = layer.rows.length + page.rows.length > ROWS_KEPT && at > ROWS_KEPT / 2
      this.#change(layer, (now) => (isFull ? { ...now, newer: first.place } : withNewer(now, page)))
    }
    const from = (layer.rows[Math.max(0, at - this.#page() / 2)] as PlacedRow).place
    const page = await this.#ask(layer, { from })
    this.#change(layer, (now) => renewed(now, page, from))
  }

  async #all(layer: List): Promise<{ rows: readonly ListedRow[]; newer: null; older: null }> {
    const { face, input } = layer
    const answer = await this.#context.link.do(face.id, input)
    const rows = face.list.rows?.(answer as never) ?? (answer as ListedRow[])
    return { rows, newer: null, older: null }
  }

  async #ask(
    { face, input, filter }: List,
    part: Record<string, unknown> = {},
  ): Promise<ListPage<PlacedRow>> {
    const asked = { ...input, ...filterInput(face.list, filter), limit: this.#page(), ...part }
    return (await this.#context.link.do(face.id, asked)) as ListPage<PlacedRow>
  }

  #change(asked: List, change: (now: Listed) => Listed): void {
    const now = this.#layer()
    if (now !== undefined) this.#show(asked, change(now as List & Listed))
  }

  /** Shows rows, unless something else is filtered for by now. */
  #show(asked: List, rows: Pick<List, 'rows' | 'newer' | 'older'>): void {
    const { store } = this.#context
    changeLayer(
      store,
      (layer) => this.#is(layer),
      (layer) => {
        const list = layer as List
        if (list.filter !== asked.filter) return list
        const cursor = keptCursor(list, rows.rows)
        return { ...list, ...rows, cursor, loadedFilter: list.filter, loading: false, problem: '' }
      },
    )
  }

  async #guarded(layer: List, load: () => Promise<void>): Promise<void> {
    try {
      await load()
    } catch (thrown) {
      const { message } = asFault(thrown)
      changeLayer(
        this.#context.store,
        (each) => this.#is(each),
        (each) => {
          const list = each as List
          if (list.filter !== layer.filter) return list
          const rows = list.loadedFilter === list.filter ? list.rows : []
          return { ...list, rows, loadedFilter: list.filter, loading: false, problem: message }
        },
      )
    }
  }
}

/** The cursor, or the row that took the place of its row. Of a long list it may follow the top. */
function keptCursor(list: List, rows: readonly ListedRow[]): string | null {
  const { cursor, face } = list
  if (cursor === null) return face.list.paged ? null : (rows[0]?.id ?? null)
  const ids = new Set(rows.map(({ id }) => id))
  if (ids.has(cursor)) return cursor
  const at = list.rows.findIndex(({ id }) => id === cursor)
  const next = list.rows.slice(at + 1).find(({ id }) => ids.has(id))
  return next?.id ?? rows[Math.min(Math.max(0, at), rows.length - 1)]?.id ?? null
}

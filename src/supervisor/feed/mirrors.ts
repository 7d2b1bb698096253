import type { RowChange } from '../../commands/wire.ts'
import type { Noun } from '../../journal/noun.ts'
import type { MirroredNoun } from '../../journal/types.ts'
import type { Rows } from '../../journal/tables/rows.ts'
import type { Store } from '../../store/open.ts'

/** Rows that a commit changed: the ids of each table, each once. */
export class Touched {
  readonly #ids = new Map<string, Set<string>>()

  add(table: string, id: string): void {
    const ids = this.#ids.get(table)
    if (ids === undefined) this.#ids.set(table, new Set([id]))
    else ids.add(id)
  }

  of(table: string): string[] {
    return [...(this.#ids.get(table) ?? [])]
  }
}

/** What consoles mirror of one noun: rows to begin with, then every change, deletions included. */
export interface RowMirror {
  readonly noun: MirroredNoun
  /** Rows by id, in the order in which consoles show them first. */
  snapshot(): [id: string, row: object][]
  /** What changed for consoles, now that these rows of tables did. A row that is gone is null. */
  changes(touched: Touched): RowChange[]
}

/** The mirror of a noun whose rows are those of its table. */
export function tableMirror(noun: Noun, store: Store, rows: Rows): RowMirror {
  const selects = (noun.mirror ?? []).map((rest) =>
    store.prepare<[], { id: string; row: string }>(`SELECT id, row FROM ${noun.name} ${rest}`),
  )
  const name = noun.name as MirroredNoun
  return {
    noun: name,
    snapshot: () =>
      selects
        .flatMap((select) => select.all())
        .map(({ id, row }) => [id, JSON.parse(row) as object]),
    changes: (touched) =>
      touched
        .of(name)
        .map((id) => ({ noun: name, id, row: rows.get(name, id) ?? null }) as RowChange),
  }
}

/** The mirror of rows that are told one by one as they change. */
export function liveMirror(noun: MirroredNoun, rows: () => readonly { id: string }[]): RowMirror {
  return { noun, snapshot: () => rows().map((row) => [row.id, row]), changes: () => [] }
}

/** What a noun whose rows come from elsewhere than a table is mirrored from. */
export interface ListedRows<Row extends { id: string }> {
  all(): readonly Row[]
  /** The table whose rows are part of these, by the same ids. */
  table: string
}

/**
 * The mirror of rows that are listed as a whole, as those of a file are. `changed` says that the
 * list changed: rows that consoles have and that are not in it any more are then deleted.
 */
export function listMirror<Row extends { id: string }>(
  noun: MirroredNoun,
  { all, table }: ListedRows<Row>,
): RowMirror & { changed(): void } {
  const known = new Set<string>()
  let changed = false
  const change = (id: string, row: Row | null) => ({ noun, id, row }) as unknown as RowChange

  function whole(rows: readonly Row[]): RowChange[] {
    const here = new Set(rows.map(({ id }) => id))
    const gone = [...known].filter((id) => !here.has(id))
    known.clear()
    for (const id of here) known.add(id)
    return [...gone.map((id) => change(id, null)), ...rows.map((row) => change(row.id, row))]
  }

  return {
    noun,
    changed() {
      changed = true
    },
    snapshot() {
      const rows = all()
      // Only added to: other consoles may not have been sent yet what was deleted.
      for (const { id } of rows) known.add(id)
      return rows.map((row) => [row.id, row])
    },
    changes(touched) {
      if (changed) {
        changed = false
        return whole(all())
      }
      const used = new Set(touched.of(table))
      if (used.size === 0) return []
      return all()
        .filter(({ id }) => used.has(id))
        .map((row) => change(row.id, row))
    },
  }
}

import { RULES_SHOWN, type RowChange } from '../../commands/wire.ts'
import type { RuleBook } from '../../domain/rules/rule-book.ts'
import type { RuleRow } from '../../domain/rules/types.ts'
import type { RowMirror } from './mirrors.ts'
import { RuleWindow } from './rule-window.ts'

/** The rules in memory, and how one of them is shown. */
export interface ShownRules {
  book: RuleBook
  row: (id: string) => RuleRow | null
}

/** The mirror of learned rules, those of the window. `reset` chooses among all rules again. */
export function ruleMirror(
  { book, row }: ShownRules,
  isWatched: () => boolean,
): RowMirror & { reset(): RowChange[] } {
  const window = new RuleWindow(book, RULES_SHOWN)
  const change = (id: string): RowChange => ({
    noun: 'rule',
    id,
    row: window.has(id) ? row(id) : null,
  })
  return {
    noun: 'rule',
    snapshot: () =>
      (isWatched() ? window.ids() : window.reset()).flatMap((id): [string, RuleRow][] => {
        const found = row(id)
        return found === null ? [] : [[id, found]]
      }),
    changes: (touched) => [...window.after(touched.of('rule'), touched.of('rule_use'))].map(change),
    reset: () => window.reset().map(change),
  }
}

import { plain } from '../../../base/text.ts'
import type { LedgerPage } from '../../../domain/governance/ledger/types.ts'
import { ACTION_LOOKS, costText } from './ledger-list.ts'

/** A table of actions, one a line. */
export function actionLines({ rows: actions, next }: LedgerPage): string {
  if (actions.length === 0 && next === null)
    return 'The ledger is empty. Agents write it over the governance API: clawdeck api shows where it is'
  const rows = actions.map((action) => [
    new Date(action.began).toISOString().slice(0, 19).replace('T', ' '),
    `${ACTION_LOOKS[action.status].glyph} ${action.status}`,
    plain(action.agent, 32),
    plain(action.type, 20),
    String(action.risk),
    costText(action.cost),
    `${plain(action.goal, 80)}  ${plain(action.action, 64)}`,
  ])
  return [
    aligned([['BEGAN', 'STATUS', 'AGENT', 'TYPE', 'RISK', 'COST', 'GOAL'], ...rows]),
    ...(next === null ? [] : [`Older ones: add --from ${next}`]),
  ].join('\n')
}

function aligned(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)))
  return rows
    .map((row) =>
      row
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

/** The size of a terminal; 80×24 if it does not say. */
export function terminalSize({ columns, rows }: { columns?: number; rows?: number }): {
  columns: number
  rows: number
} {
  return { columns: columns || 80, rows: rows || 24 }
}

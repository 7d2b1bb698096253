import { randomBytes } from 'node:crypto'

/** A fresh id as clients of the API know them: `sp_` and 24 hexadecimal digits. */
export function rowId(prefix: string): string {
  return `${prefix}_${randomBytes(12).toString('hex')}`
}

import type { TextLine } from '../../store/layer.ts'

/** Everything about one thing. */
export interface DetailPage {
  title: string
  right: string
  lines: TextLine[]
  /** The first lines, up to this one, must be on the screen before something is decided. */
  toRead?: number
}

/** A value that may be long, such as a hash. */
export function shortHash(hash: string): string {
  if (hash === '') return 'nothing'
  return hash.length > 24 ? `${hash.slice(0, 20)}…` : hash
}

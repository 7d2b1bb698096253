/** A view that takes the whole body: all its lines, and the first one that is shown. */
export interface BodyView {
  title: string
  right: string
  lines: string[]
  scroll: number
  /** The lines, from `from` up to `to`, that must be on the screen before something is decided. */
  reading?: { key: string; from: number; to: number }
}

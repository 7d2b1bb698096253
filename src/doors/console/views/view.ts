/** A view that takes the whole body: all its lines, and the first one that is shown. */
export interface BodyView {
  title: string
  right: string
  lines: string[]
  scroll: number
}

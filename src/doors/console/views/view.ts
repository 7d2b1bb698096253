/** What takes the whole body, laid out: lines from its first, and which of them stands on top. */
export interface View {
  title: string
  right: string
  lines: string[]
  scroll: number
}

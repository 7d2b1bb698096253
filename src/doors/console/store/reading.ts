/** How far a text was on the screen, in lines of one width, from its beginning without a gap. */
export interface ReadProgress {
  cells: number
  upTo: number
  /** All of it was on the screen. Stays so when the width changes. */
  whole: boolean
}

/** Which lines of a text are on the screen: from `from` up to, but not including, `to`. */
export interface ShownText {
  /** Identifies the text: the id of an approval, or of a review. */
  key: string
  cells: number
  from: number
  to: number
  total: number
}

/** How far texts were on the screen, by what identifies them. */
type Readings = Readonly<Record<string, ReadProgress>>

/** Whether all of a text was on the screen. */
export function isRead(readings: Readings, key: string): boolean {
  return readings[key]?.whole === true
}

/** Why an approval cannot be allowed yet, in words for a person; undefined once all was shown. */
export function whyUnread(readings: Readings, id: string): string | undefined {
  if (isRead(readings, id)) return undefined
  const why =
    (readings[id]?.upTo ?? 0) === 0
      ? 'what will run was not on the screen yet'
      : 'not all of what will run was on the screen yet'
  return `${why}; J reads on, ⏎ shows all`
}

/** A reading after more of the text was on the screen; the same object if that adds nothing. */
export function readOn(before: ReadProgress | undefined, shown: ShownText): ReadProgress {
  const { cells, from, to, total } = shown
  const known = before?.cells === cells ? before.upTo : 0
  const upTo = from <= known ? Math.max(known, to) : known
  const whole = before?.whole === true || upTo >= total
  return before?.cells === cells && before.upTo === upTo && before.whole === whole
    ? before
    : { cells, upTo, whole }
}

/** Keys of a program's settings, as patterns: they know no case, and a star stands for anything. */
export class SettingKeys {
  readonly #exact = new Set<string>()
  /** By what stands before the first dot. */
  readonly #patterns = new Map<string, (readonly [start: string, end: string])[]>()

  constructor(patterns: readonly string[]) {
    for (const pattern of patterns.map((each) => each.toLowerCase())) {
      const [start = '', end] = pattern.split('*', 2)
      if (end === undefined) this.#exact.add(pattern)
      else {
        const section = sectionOf(start)
        this.#patterns.set(section, [...(this.#patterns.get(section) ?? []), [start, end]])
      }
    }
  }

  has(key: string): boolean {
    const name = key.toLowerCase()
    if (this.#exact.has(name)) return true
    return (this.#patterns.get(sectionOf(name)) ?? []).some(
      ([start, end]) =>
        name.length >= start.length + end.length && name.startsWith(start) && name.endsWith(end),
    )
  }
}

function sectionOf(key: string): string {
  const dot = key.indexOf('.')
  return dot < 0 ? key : key.slice(0, dot)
}

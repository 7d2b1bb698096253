/** In characters: as much as is searched of the texts of one question. */
export const MOST_SEARCHED = 48 * 1024

/**
 * What may still be searched of the texts of one question, by all expressions and patterns
 * together. Where it does not last, everything that was not searched is possible.
 */
export class SearchBudget {
  #left = MOST_SEARCHED

  /** Whether so much may still be searched. */
  spends(many: number): boolean {
    this.#left -= many
    return !this.isSpent
  }

  get isSpent(): boolean {
    return this.#left < 0
  }
}

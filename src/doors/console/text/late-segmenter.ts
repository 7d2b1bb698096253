/**
 * From now on a segmenter reads Unicode's tables when it is first used, not when it is made: several modules make one as they
 * are loaded, and a first frame seldom needs any. That is a tenth of the time until it is there.
 */
export function makeSegmentersLate(): void {
  const Real = Intl.Segmenter
  class Late {
    static readonly supportedLocalesOf = Real.supportedLocalesOf.bind(Real)
    readonly #made: ConstructorParameters<typeof Real>
    #real: Intl.Segmenter | undefined

    constructor(...made: ConstructorParameters<typeof Real>) { this.#made = made }

    segment(text: string): Intl.Segments { return this.#tables().segment(text) }

    resolvedOptions(): Intl.ResolvedSegmenterOptions { return this.#tables().resolvedOptions() }

    #tables(): Intl.Segmenter { return this.#real ??= new Real(...this.#made) }
  }
  Object.defineProperty(Intl, 'Segmenter', { value: Late, writable: true, configurable: true })
}

export type Sentiment = 'positive' | 'negative' | 'neutral'

const WORDS: Readonly<Record<'positive' | 'negative', ReadonlySet<string>>> = {
  positive: new Set(
    'good great excellent love loved helpful fast accurate perfect nice works well thanks useful correct clear easy reliable awesome amazing'.split(
      ' ',
    ),
  ),
  negative: new Set(
    'bad terrible awful hate slow wrong broken fails failed error errors bug bugs useless confusing incorrect inaccurate crash crashed poor expensive unreliable worse worst'.split(
      ' ',
    ),
  ),
}

const TAGS: Readonly<Record<string, ReadonlySet<string>>> = {
  performance: new Set('slow fast latency speed performance timeout quick lag'.split(' ')),
  accuracy: new Set(
    'wrong incorrect accurate inaccurate accuracy mistake mistakes hallucination hallucinated correct'.split(
      ' ',
    ),
  ),
  ux: new Set('confusing confused ui ux interface unclear usability clunky intuitive'.split(' ')),
  reliability: new Set(
    'crash crashed broken error errors fails failed flaky unreliable reliable down unstable'.split(
      ' ',
    ),
  ),
  cost: new Set('cost costs expensive cheap price pricing budget tokens'.split(' ')),
  security: new Set(
    'security unsafe leak leaked secret secrets password vulnerability exposed credential credentials'.split(
      ' ',
    ),
  ),
}

const MAX_WORDS = 2000

function wordsOf(comment: string | null): string[] {
  return (
    (comment ?? '')
      .toLowerCase()
      .match(/[a-z]+/g)
      ?.slice(0, MAX_WORDS) ?? []
  )
}

/** How content someone is: a clear rating decides, else the words of the comment vote. */
export function sentimentOf(rating: number | null, comment: string | null): Sentiment {
  if (rating !== null && rating >= 4) return 'positive'
  if (rating !== null && rating <= 2) return 'negative'
  const words = wordsOf(comment)
  const votes = (list: ReadonlySet<string>) => words.filter((word) => list.has(word)).length
  const lead = votes(WORDS.positive) - votes(WORDS.negative)
  if (lead === 0) return 'neutral'
  return lead > 0 ? 'positive' : 'negative'
}

/** The tags that were given, then those that the comment's words suggest, each once. */
export function feedbackTags(given: readonly string[], comment: string | null): string[] {
  const words = wordsOf(comment)
  const found = Object.entries(TAGS)
    .filter(([, list]) => words.some((word) => list.has(word)))
    .map(([tag]) => tag)
  return [...new Set([...given, ...found])]
}

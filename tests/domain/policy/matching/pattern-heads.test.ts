import { describe, expect, it } from 'vitest'
import { patternHeads } from '../../../../src/domain/policy/matching/pattern-heads.ts'

describe('the texts with which matches of a pattern begin', () => {
  it.each<[string, string[] | undefined]>([
    ['^git push', ['git push']],
    ['\\Agit', ['git']],
    ['^(?:docker|podman) run', ['docker', 'podman']],
    ['^(?:(?:a|b) x|c)', ['a', 'b', 'c']],
    ['^gpg2?\\b', ['gpg']],
    ['^aw+s', ['aw']],
    ['^aw{0,2}s', ['a']],
    ['^git\\b.*(?:a|b)', ['git']],
    ['^git [a|b]', ['git ']],
    ['git', undefined],
    ['^a|b', undefined],
    ['^g?it', undefined],
    ['^(?:a|b)?c', undefined],
    ['^(?:a|.*)c', undefined],
    ['^(?:a|)c', undefined],
    ['(?i)^git', undefined],
    ['^(?i:git)', undefined],
    ['^.git', undefined],
    ['^\\Qa|b\\E', undefined],
    ['^', undefined],
  ])('%s', (source, heads) => expect(patternHeads(source)).toEqual(heads))
})

import { describe, expect, test } from 'vitest'
import {
  acceptedLossText,
  lossText,
  signedText,
  verdictText,
} from '../../../src/doors/text/journal.ts'

const loss = { after: 4096, lost: 12, what: 'it ends at event 4096' }

describe('what is said of a journal', () => {
  test.each([
    [4120, 4120, '4120 events, all signed'],
    [4120, 4119, '4119 events signed, the last one chained only'],
    [4120, 4108, '4108 events signed, the last 12 chained only'],
    [3, 0, '0 events signed, the last 3 chained only'],
  ])('%i events, %i of them signed: %s', (events, signed, text) => {
    expect(signedText({ events, signed })).toBe(text)
  })

  test('whether it is intact, and since when', () => {
    const accepted = { ...loss, event: 4098, by: 'operator:cli', at: 1 }
    expect(verdictText({ ok: true, firstBad: null, losses: [] })).toBe('✓ intact')
    expect(verdictText({ ok: true, firstBad: null, losses: [accepted] })).toBe(
      '✓ intact since event 4098',
    )
    expect(verdictText({ ok: false, firstBad: 7, losses: [accepted] })).toBe('✗ broken at event 7')
    expect(acceptedLossText(accepted)).toBe(
      'by operator:cli with event 4098. at least 12 events lost after event 4096: it ends at event 4096',
    )
  })

  test('what is lost, as far as it is known', () => {
    expect(lossText({ ...loss, after: null, lost: 1 })).toBe(
      'at least 1 event lost: it ends at event 4096',
    )
    expect(lossText({ ...loss, lost: null })).toBe('it ends at event 4096')
    expect(lossText({ after: 4, lost: 0, what: 'event 5 was not written by this deck' })).toBe(
      'event 5 was not written by this deck',
    )
  })
})

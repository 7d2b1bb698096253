import { Fault } from '../../../base/fault.ts'
import { plain } from '../../../base/text.ts'
import type { DeckEvent, Draft } from '../../../journal/types.ts'
import { MISSED_CONFIRMATION } from '../../../clawpolicy/evidence/evidence.ts'
import { askedQuestion, findDecided, type AskedQuestionParts } from '../asked-question.ts'
import type { RuleChangeParts } from './changes.ts'
import { lessonDrafts } from '../learning/lessons.ts'
import type { RuleRow } from '../types.ts'

/** Complaints that a person should have been asked about an action. */
export class Complaints {
  readonly #parts: RuleChangeParts & AskedQuestionParts
  readonly #isRepeated: (rule: string, action: string) => boolean

  constructor(parts: RuleChangeParts & AskedQuestionParts) {
    this.#parts = parts
    const earlier = parts.store.prepare<[string, string], { seq: number }>(
      `SELECT seq FROM event WHERE type >= 'rule.' AND type < 'rule/' AND body ->> '$.stored.rule.id' = ? AND body ->> '$.of' = ? AND body ->> '$.outcome.override' = '${MISSED_CONFIRMATION}' LIMIT 1`,
    )
    this.#isRepeated = (rule, action) => earlier.get(rule, action) !== undefined
  }

  /**
   * Teaches the rules that allowed an action, and returns them. Faults: `not.found`; `not.possible`
   * where no rule allowed it, or for a second complaint.
   */
  async complain(id: string, note: string, actor: string): Promise<RuleRow[]> {
    const { learning, journal, reader } = this.#parts
    await learning.usable()
    const events = await journal.append(() => this.#drafts(id, note, actor))
    return (events as DeckEvent<'rule.learned'>[]).map(({ body }) =>
      reader.row(reader.known(body.stored.rule.id)),
    )
  }

  #drafts(id: string, note: string, actor: string): Draft<'rule.learned'>[] {
    const { learning, clock } = this.#parts
    const question = askedQuestion(this.#parts, id)
    requireAllowedByRule(id, findDecided(this.#parts, id))
    const lesson = {
      ...question,
      of: id,
      ran: true,
      result: 'cancel',
      prompted: false,
      override: MISSED_CONFIRMATION,
    } as const
    const drafts = lessonDrafts({ book: learning.book, clock }, lesson) as Draft<'rule.learned'>[]
    if (drafts.some(({ body }) => this.#isRepeated(body.stored.rule.id, id)))
      throw new Fault('not.possible', `there was a complaint about ${id} before: one counts`, {
        hint: 'To stop a rule at once: clawdeck policy suspend <rule>',
      })
    return drafts.map((draft) => ({
      ...draft,
      actor,
      body: { ...draft.body, because: plain(note, 500) || draft.body.because },
    }))
  }
}

/** A complaint about what the lock or a policy allowed would change no rule. */
function requireAllowedByRule(id: string, event: DeckEvent<'action.decided'> | undefined): void {
  if (event === undefined)
    throw new Fault('not.possible', `a person was asked about ${id}`, {
      hint: 'A complaint is about an action, act_…, that was allowed without asking.',
    })
  const { decision, rule, lease, reasons } = event.body
  if (decision !== 'allow' && decision !== 'warn')
    throw new Fault('not.possible', `${id} was not allowed`)
  if (rule != null || lease !== null) return
  const by = reasons
    .map(({ layer, id: name }) => `${layer}${name === undefined ? '' : ` ${name}`}`)
    .join(', ')
  throw new Fault('not.possible', `no rule allowed ${id}: it was ${plain(by, 200)}`, {
    hint: 'Change the policy: `clawdeck policy list`. Policies are evaluated before rules.',
  })
}

import { Fault } from '../../base/fault.ts'
import { plain } from '../../base/text.ts'
import type { DeckEvent, Draft } from '../../journal/types.ts'
import { MISSED_CONFIRMATION } from '../../clawpolicy/evidence.ts'
import { lessonDrafts } from './lessons.ts'
import { askedOf, decidedUnder, type ProposeParts } from './propose.ts'
import type { RuleRow } from './types.ts'

/** Complaints that a person should have been asked. */
export function complaintService(parts: ProposeParts) {
  const { journal, read, learning, clock, reader } = parts
  const complained = parts.store.prepare<[string, string], { seq: number }>(
    `SELECT seq FROM event WHERE type >= 'rule.' AND type < 'rule/' AND body ->> '$.stored.rule.id' = ? AND body ->> '$.of' = ? AND body ->> '$.outcome.override' = '${MISSED_CONFIRMATION}' LIMIT 1`,
  )

  /** What the complaint teaches the rules that it is about. */
  function drafts(id: string, note: string, actor: string): Draft<'rule.learned'>[] {
    const question = askedOf(parts, id)
    refuseAsked(id, decidedUnder(read, id))
    const lessons = lessonDrafts(
      { book: learning.book, clock },
      {
        of: id,
        ...question,
        ran: true,
        result: 'cancel',
        prompted: false,
        override: MISSED_CONFIRMATION,
      },
    ) as Draft<'rule.learned'>[]
    if (lessons.some(({ body }) => complained.get(body.stored.rule.id, id) !== undefined))
      throw new Fault('not.possible', `${id} was complained about before: once counts`, {
        hint: 'A rule that should go at once: clawdeck policy suspend <rule>',
      })
    return lessons.map((draft) => ({
      ...draft,
      actor,
      body: { ...draft.body, because: plain(note, 500) || draft.body.because },
    }))
  }

  /** Answers the rules that it touched. Faults: `not.found`; `not.possible` where no rule had a part, or it was said before. */
  return async function missed(id: string, note: string, actor: string): Promise<RuleRow[]> {
    await learning.usable()
    const written = (await journal.append(() =>
      drafts(id, note, actor),
    )) as DeckEvent<'rule.learned'>[]
    return written.map(({ body }) => reader.row(reader.known(body.stored.rule.id)))
  }
}

/** No rule can ask where the lock or a policy allows: those are a person's to change. */
function refuseAsked(id: string, event: DeckEvent<'action.decided'> | undefined): void {
  if (event === undefined)
    throw new Fault('not.possible', `a person was asked about ${id}`, {
      hint: 'A complaint is about an action, act_…, that was allowed unasked.',
    })
  const { decision, rule, lease, reasons } = event.body
  if (decision !== 'allow' && decision !== 'warn')
    throw new Fault('not.possible', `${id} was not allowed`)
  if (rule != null || lease !== null) return
  const by = reasons
    .map(({ layer, id: name }) => `${layer}${name === undefined ? '' : ` ${name}`}`)
    .join(', ')
  throw new Fault('not.possible', `no rule allowed ${id}: it was ${plain(by, 200)}`, {
    hint: 'Change the policy: `clawdeck policy list`. What was learned is asked after it.',
  })
}

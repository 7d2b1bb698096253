import { writeEvent } from '../../../clawpolicy/files/write.ts'
import { MarkdownImporter } from '../../../clawpolicy/markdown/import.ts'
import { trimmed, unixLines } from '../../../clawpolicy/markdown/scan.ts'
import {
  MARKDOWN_FILES,
  SECTIONS,
  type SectionKind,
} from '../../../clawpolicy/markdown/sections.ts'
import type { Playbook, Rule } from '../../../clawpolicy/types.ts'
import { toPlaybook, toRule, toStored, toStoredPlaybook } from '../stored.ts'
import type { StoredPlaybook, StoredRule } from '../types.ts'
import { BY_IMPORT } from './deck-keys.ts'
import { givesAdvice, type ExistingState } from './existing-state.ts'
import type { PolicyFiles } from './policy-files.ts'

/** Advice of Markdown files that neither the other files nor the deck have. */
export interface MarkdownAdvice {
  rules: StoredRule[]
  playbooks: StoredPlaybook[]
  /** Lines of the log for them. */
  lines: string[]
  notes: string[]
}

const SECTION_KINDS = MARKDOWN_FILES.flatMap((file) => SECTIONS[file])
const SAFETY_PLAYBOOK = 'playbook_safety'

type Existing = Pick<ExistingState, 'rule' | 'playbook' | 'hasAdvice'>

/**
 * The advice of Markdown files. A section replaces what its rule said before: advice decides
 * nothing. `now` in microseconds.
 */
export function adviceOf(
  { markdown, rules, playbooks }: Pick<PolicyFiles, 'markdown' | 'rules' | 'playbooks'>,
  existing: Existing,
  now: number,
): MarkdownAdvice {
  const known = (id: string) => rules.get(id)?.stored ?? existing.rule(id)
  const before = new Map(
    SECTION_KINDS.flatMap(({ stem }): [string, Rule][] => {
      const stored = known(stem)
      return stored === undefined ? [] : [[stem, toRule(stored)]]
    }),
  )
  const safety = playbooks.get(SAFETY_PLAYBOOK) ?? existing.playbook(SAFETY_PLAYBOOK)
  const imported = new MarkdownImporter().import(
    markdown,
    {
      rules: before,
      playbooks: new Map<string, Playbook>(
        safety === undefined ? [] : [[SAFETY_PLAYBOOK, toPlaybook(safety)]],
      ),
    },
    now,
  )
  const lines = new Map(
    imported.events.map((event) => [event.asset_id, writeEvent(event).trimEnd()]),
  )
  const advice: MarkdownAdvice = { rules: [], playbooks: [], lines: [], notes: imported.notes }
  for (const [stem, rule] of imported.rules) {
    const kind = SECTION_KINDS.find((one) => one.stem === stem) as SectionKind
    if (isUnchanged(before.get(stem), rule) || isGiven(kind, rule, { rules, existing })) continue
    advice.rules.push(toStored(rule, known(stem) ?? { expiresAt: null, by: BY_IMPORT }))
    advice.lines.push(lines.get(rule.asset_id) ?? '')
  }
  const playbook = imported.playbooks.get(SAFETY_PLAYBOOK)
  if (
    playbook !== undefined &&
    advice.rules.some(({ rule }) => playbook.rules_used.includes(rule.id))
  ) {
    advice.playbooks.push(toStoredPlaybook(playbook))
    advice.lines.push(lines.get(playbook.asset_id) ?? '')
  }
  return advice
}

/** Whether a section says what its rule said before. Files do not keep surrounding white space. */
function isUnchanged(before: Rule | undefined, after: Rule): boolean {
  return (
    before === after ||
    (before !== undefined && trimmed(unixLines(before.strategy)) === after.strategy)
  )
}

/** Whether a rule with another id gives this advice: an export wrote it into this section. */
function isGiven(
  kind: SectionKind,
  { strategy }: Rule,
  { rules, existing }: { rules: PolicyFiles['rules']; existing: Existing },
): boolean {
  if (rules.has(kind.stem) || existing.rule(kind.stem) !== undefined) return false
  for (const { stored } of rules.values())
    if (givesAdvice(stored.rule, strategy, kind.names)) return true
  return existing.hasAdvice(strategy, kind.names)
}

import { writeEvent } from '../../../clawpolicy/files/write.ts'
import { MarkdownImporter } from '../../../clawpolicy/markdown/import.ts'
import { trimmed, unixLines } from '../../../clawpolicy/markdown/scan.ts'
import {
  MARKDOWN_FILES,
  SECTIONS,
  type SectionKind,
} from '../../../clawpolicy/markdown/sections.ts'
import { normalizeText } from '../../../clawpolicy/text.ts'
import type { Playbook, Rule } from '../../../clawpolicy/types.ts'
import { playbookOf, ruleOf, storedOf, storedPlaybook } from '../stored.ts'
import type { StoredPlaybook, StoredRule } from '../types.ts'
import type { ExistingState } from './existing.ts'
import { BY_IMPORT } from './facts.ts'
import type { Incoming } from './incoming.ts'

/** What Markdown says that neither the other files nor the deck hold: rules, a playbook, and the lines that tell of it. */
export interface Advice {
  rules: StoredRule[]
  playbooks: StoredPlaybook[]
  lines: string[]
  notes: string[]
}

const KINDS = MARKDOWN_FILES.flatMap((file) => SECTIONS[file])
const SOUL = 'playbook_safety'

/** Advice decides nothing, so what a section says now takes the place of what its rule said. `now` in microseconds. */
export function adviceOf(
  { markdown, rules, playbooks }: Pick<Incoming, 'markdown' | 'rules' | 'playbooks'>,
  here: Pick<ExistingState, 'rule' | 'playbook' | 'hasAdvice'>,
  now: number,
): Advice {
  const known = (id: string) => rules.get(id)?.stored ?? here.rule(id)
  const before = new Map(
    KINDS.flatMap(({ stem }): [string, Rule][] => {
      const stored = known(stem)
      return stored === undefined ? [] : [[stem, ruleOf(stored)]]
    }),
  )
  const soul = playbooks.get(SOUL) ?? here.playbook(SOUL)
  const read = new MarkdownImporter().import(
    markdown,
    {
      rules: before,
      playbooks: new Map<string, Playbook>(soul === undefined ? [] : [[SOUL, playbookOf(soul)]]),
    },
    now,
  )
  const made: Advice = { rules: [], playbooks: [], lines: [], notes: read.notes }
  const told = new Map(read.events.map((event) => [event.asset_id, writeEvent(event).trimEnd()]))
  for (const [stem, rule] of read.rules) {
    if (
      saysTheSame(before.get(stem), rule) ||
      isSaid(KINDS.find((kind) => kind.stem === stem) as SectionKind, rule, { rules, here })
    )
      continue
    made.rules.push(storedOf(rule, known(stem) ?? { expiresAt: null, by: BY_IMPORT }))
    made.lines.push(told.get(rule.asset_id) ?? '')
  }
  const playbook = read.playbooks.get(SOUL)
  if (
    playbook !== undefined &&
    made.rules.some(({ rule }) => playbook.rules_used.includes(rule.id))
  ) {
    made.playbooks.push(storedPlaybook(playbook))
    made.lines.push(told.get(playbook.asset_id) ?? '')
  }
  return made
}

/** Advice loses the white space around it on its way through a file. */
function saysTheSame(before: Rule | undefined, after: Rule): boolean {
  return (
    before === after ||
    (before !== undefined && trimmed(unixLines(before.strategy)) === after.strategy)
  )
}

/** Whether a rule under another id is what an export wrote into this section. */
function isSaid(
  kind: SectionKind,
  made: Rule,
  { rules, here }: { rules: Incoming['rules']; here: Pick<ExistingState, 'rule' | 'hasAdvice'> },
): boolean {
  if (rules.has(kind.stem) || here.rule(kind.stem) !== undefined) return false
  for (const { stored } of rules.values())
    if (givesAdvice(stored.rule, made.strategy, kind.names)) return true
  return here.hasAdvice(made.strategy, kind.names)
}

/** Whether a rule with one of these summaries gives this advice. */
export function givesAdvice(
  { strategy, summary }: Pick<Rule, 'strategy' | 'summary'>,
  advice: string,
  summaries: readonly string[],
): boolean {
  return (
    strategy !== '' &&
    trimmed(unixLines(strategy)) === advice &&
    summaries.includes(normalizeText(summary))
  )
}

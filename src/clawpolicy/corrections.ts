/**
 * The mistakes of the original implementation, each under a name: what it did, and what is done
 * instead. All are corrected by default; with none corrected, the engine does as the original did,
 * to the byte.
 */
export const CORRECTIONS = {
  'structural-risk': {
    original:
      'Rates a command by its words: one harmless word lets `curl … | sh # show` run without asking, while `git diff` asks and `docker ps` is critical.',
    corrected:
      'Rates what a shell would do: programs, pipes, redirections and wrappers. A command that cannot be parsed is high.',
  },
  'suspended-asks': {
    original:
      'A suspended rule does not stop the low-risk fallback, though the explanation says that it does.',
    corrected: 'Where a suspended rule matches and no confirmed rule decides, it asks.',
  },
  'risk-within-evidence': {
    original:
      'A confirmed rule allows tasks of any risk below critical, whatever the risk it was learned at.',
    corrected: 'It allows a high risk only if it was learned at a high risk.',
  },
  'allowing-is-exact': {
    original:
      'Commands are compared in lower case with line feeds as spaces, and keywords are looked for in descriptions too, so a rule that allows matches other commands.',
    corrected:
      'A rule that allows compares the exact command, and looks for keywords in the command if there is one. A rule that asks matches as before.',
  },
  'kinds-of-commands': {
    original:
      'A learned rule is about one exact command; many commands can only be matched by keywords, wherever they stand.',
    corrected:
      'A trigger `runs:git push` matches commands that run it: for a rule that allows, nothing else may run and no argument may lead elsewhere; for one that asks, any part is enough. The original treats such a trigger as plain text.',
  },
  'feedback-fits-decision': {
    original:
      'A rule made from feedback is about the task passed with the feedback, even if the decision was about another.',
    corrected: 'It is about the task that was decided.',
  },
  'guards-hold': {
    original:
      'Repeating "always ask" counts against a rule that asks: it is suspended and archived after the fourth time. A contradicting rule that allows does the same.',
    corrected:
      'An override counts only against a rule that says the opposite, and of two contradicting rules the one that allows is suspended.',
  },
  'misses-guard': {
    original: 'The complaint that a person should have been asked creates a rule that allows.',
    corrected:
      'It creates and confirms a rule that asks, and counts only against rules that allow.',
  },
  'support-promotes': {
    original:
      'A failure, or an override to the contrary, can promote a candidate; old successes reactivate a suspended rule at its next failure.',
    corrected:
      'Only feedback that supports a rule promotes or reactivates it. Confirmations count in their own direction, and for reactivation only since the suspension.',
  },
  'setbacks-restart': {
    original:
      'Feedback in either direction counts towards the three that confirm a rule: two denials and an approval let it allow.',
    corrected:
      'Three in a row must support the rule, the latest included. Feedback against it starts the count again; a cancelled task changes nothing. The feedback that created a rule is the first.',
  },
  'guards-return': {
    original: 'A suspended rule that asks can never be reactivated, since only approvals count.',
    corrected:
      'Overrides that ask for confirmation reactivate it, as approvals reactivate a rule that allows.',
  },
  'reading-changes-nothing': {
    original:
      'Evaluating a task marks every match as just seen, so a conflict that was decided by recency is ambiguous the next time.',
    corrected:
      'Only evidence renews a rule. An evaluation only notes when a rule was last applied.',
  },
  'confirmations-teach': {
    original:
      'A prompted task that was approved and succeeded teaches nothing without an override.',
    corrected:
      'It is evidence for allowing, but not the explicit confirmation that a high risk needs.',
  },
  'failures-guard': {
    original: 'Failures alone create a candidate that asks, but never confirm it.',
    corrected: 'Three failures, the latest included, confirm a rule that asks.',
  },
  'one-task-type': {
    original:
      'A task without a type is recorded as T2 but matched as none, so that each feedback creates another rule.',
    corrected: 'It is T2 in matching too.',
  },
  'one-domain': {
    original:
      'A domain outside the five known ones becomes the scope of a new rule, which then never matches it.',
    corrected: 'A rule is stored under the domain that it is matched by.',
  },
  'windows-count-evidence': {
    original:
      "Windows of the last 1000 or 2000 log lines count every line, so busy agents push out each other's evidence.",
    corrected: 'They count lines of the kind that is looked for.',
  },
  'replays-count-once': {
    original: 'The same outcome, reported twice for one decision, counts twice.',
    corrected: 'The second report changes no rule.',
  },
  'unknown-keys-kept': {
    original: 'One unknown key in one record makes the whole file unreadable.',
    corrected: 'Unknown keys are kept, written back, and noted.',
  },
  'enums-checked': {
    original: 'An invalid status, scope or decision silently becomes a default.',
    corrected: 'It is refused, with its place.',
  },
  'corruption-refused': {
    original: 'An unreadable file counts as empty, and the next save overwrites it.',
    corrected: 'It is refused, with the place, and stays as it was.',
  },
  'lines-end-with-lf': {
    original:
      'The log is split at every Unicode line break, so an event that contains U+0085, U+2028 or U+2029 is lost. Such a break also ends the first line of a section of SOUL.md, and a lone CR ends lines of Markdown.',
    corrected: 'A line ends with a line feed, or with CR and a line feed in Markdown.',
  },
  'times-compare': {
    original: 'Times with and without an offset cannot be compared: the evaluation aborts.',
    corrected: 'A time without an offset is UTC.',
  },
  'partial-decisions-left-out': {
    original: 'An outcome without its evaluation is listed as a decision with most fields missing.',
    corrected: 'It is left out.',
  },
  'one-hint': {
    original: 'Every analysis of a repository adds another hint under a random number.',
    corrected: 'A hint is named after its repository; the next analysis updates it.',
  },
  'commits-have-hashes': {
    original: 'In the history of a repository, a file with `|` in its name counts as a commit.',
    corrected: 'A commit begins with its hash.',
  },
  'keys-are-ids': {
    original:
      'Rules from Markdown are stored under a key that is not their id, so neither feedback nor any command reaches them.',
    corrected: 'They are stored under their id, which is the same at each import.',
  },
  'sections-end': {
    original: 'An empty section takes in the next one, and `### Notes` opens the section Notes.',
    corrected:
      'A section begins at its own heading of the second level and ends before the next one.',
  },
  'placeholders-teach-nothing': {
    original: 'Importing freshly initialised files makes six rules and a playbook of placeholders.',
    corrected: 'A section that holds only its placeholder is empty.',
  },
  'imports-say-once': {
    original:
      'An import logs every stored rule, again for each file, under a time that sorts with no other.',
    corrected: 'It logs what it created or changed, once, under a time like that of every event.',
  },
  'advice-returns': {
    original:
      'An export turns lines into bullets, takes any rule whose summary contains a name, even one without advice, and overwrites the rest of the file.',
    corrected:
      'Advice is written so that an import reads the same, and what no rule holds stays in the file.',
  },
  'soul-returns': {
    original:
      'SOUL.md becomes a playbook of one line, and is exported as the template whatever it said.',
    corrected: 'Its sections become rules too, which the playbook names and an export writes.',
  },
} as const

export type Correction = keyof typeof CORRECTIONS
/** Which corrections are on. */
export type Corrections = Readonly<Record<Correction, boolean>>

const NAMES = Object.keys(CORRECTIONS) as Correction[]

/** Every correction on. */
export const CORRECTED: Corrections = all(true)
/** Every correction off: as the original does. */
export const ORIGINAL: Corrections = all(false)

function all(on: boolean): Corrections {
  return Object.fromEntries(NAMES.map((name) => [name, on])) as Record<Correction, boolean>
}

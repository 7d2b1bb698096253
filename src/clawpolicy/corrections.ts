/**
 * What the first implementation got wrong, each under a name: what it did, and what is done instead. All are on unless said
 * otherwise; with all of them off, the engine does as the original did, to the byte.
 */
export const CORRECTIONS = {
  'structural-risk': {
    original:
      'Reads a command as letters: one harmless word makes `curl … | sh # show` run unasked, while `git diff` asks and `docker ps` is critical.',
    corrected:
      "Reads the command's structure: its programs, pipes, redirections and wrappers. What cannot be parsed is high.",
  },
  'suspended-asks': {
    original:
      'A suspended rule does not stop the low-risk fallback, while the explanation claims that it does.',
    corrected: 'Where a suspended rule matches and no confirmed one decides, it asks.',
  },
  'risk-within-evidence': {
    original:
      'A confirmed rule that allows does so for a task of any risk below critical, however little was at stake when it was learned.',
    corrected: 'It allows a high risk only if it was learned at a high risk.',
  },
  'allowing-is-exact': {
    original:
      'Commands are compared in lower case with line feeds as spaces, and words are looked for in whatever is said about a task, so that a rule that allows can be met by another command.',
    corrected:
      'A rule that allows compares the command as it stands, and looks for words in the command if there is one. A rule that asks is met as easily as before.',
  },
  'kinds-of-commands': {
    original:
      'What is learned is one exact command; a kind of command can only be caught by words, wherever they stand.',
    corrected:
      'A trigger `runs:git push` is met by commands that run it: a rule that allows needs nothing else to be run, and nothing to follow that leads elsewhere; one that asks is met by any part. Elsewhere such a trigger meets next to nothing.',
  },
  'feedback-fits-decision': {
    original:
      'A rule that is made from a feedback is about the task that came with the feedback, whatever the decision was about.',
    corrected: 'It is about the task that was decided.',
  },
  'guards-hold': {
    original:
      'Repeating "always ask" counts against a rule that asks: it suspends itself and is archived after the fourth time. So it is where a rule that allows contradicts it.',
    corrected:
      'An override counts against a rule only if it says the opposite of the rule, and of two that contradict each other the one that allows has to go.',
  },
  'misses-guard': {
    original: 'The complaint "you should have asked" creates a rule that allows.',
    corrected:
      'It creates and confirms a rule that asks, and counts against rules that allow only.',
  },
  'support-promotes': {
    original:
      'A failure, or an override to the contrary, can carry a rule over the promotion gate; old successes wake a suspended rule at its next failure.',
    corrected:
      'Only feedback that speaks for a rule promotes or wakes it; confirmations count in the direction they were given, and for waking only since the suspension.',
  },
  'setbacks-restart': {
    original:
      'Feedback of either direction counts towards the three that confirm a rule: two refusals and a yes let it allow.',
    corrected:
      'Three in a row have to speak for it, the latest included; what speaks against it begins the row anew, and what does neither, such as giving up, changes nothing. What a rule was made from is the first of its row.',
  },
  'guards-return': {
    original: 'A suspended rule that asks can never be woken, since only permissions count.',
    corrected:
      'Overrides that ask for confirmation wake it as permissions wake a rule that allows.',
  },
  'reading-changes-nothing': {
    original:
      'Evaluating a task marks every match as just seen, so a conflict that was won by recency is ambiguous the next time.',
    corrected: 'Only evidence renews a rule. An evaluation notes when the rule was last applied.',
  },
  'confirmations-teach': {
    original:
      'A prompt that was answered with yes, and went well, teaches nothing unless an override is passed along.',
    corrected:
      'It is evidence for allowing, though never the explicit confirmation that a high risk needs.',
  },
  'failures-guard': {
    original: 'Failures alone create a candidate that asks, but can never confirm it.',
    corrected: 'Three failures, the latest included, are the stable pattern of a rule that asks.',
  },
  'one-task-type': {
    original:
      'A task without a type is recorded as T2 but matched as none, so that each feedback creates another rule.',
    corrected: 'It is T2 in matching too.',
  },
  'one-domain': {
    original:
      'A domain outside the five known ones names the scope of a new rule as it stands, but never matches it again.',
    corrected: 'A rule is kept under the domain it is matched by.',
  },
  'windows-count-evidence': {
    original:
      "Windows of the last 1000 or 2000 lines count every line of the log, whatever it holds, so busy agents push each other's evidence out.",
    corrected: 'They count lines of the kind that is looked for.',
  },
  'replays-count-once': {
    original: 'The same outcome, reported twice for one decision, counts twice.',
    corrected: 'The second report changes no rule.',
  },
  'unknown-keys-kept': {
    original: 'One unknown key in one record makes the whole file unreadable.',
    corrected: 'Unknown keys are kept, written back, and said.',
  },
  'enums-checked': {
    original: 'A status, scope or decision that is none becomes a default without a word.',
    corrected: 'It is refused, with its place.',
  },
  'corruption-refused': {
    original: 'A file that cannot be read counts as empty, and the next save overwrites it.',
    corrected: 'It is refused, with the place, and stays as it was.',
  },
  'lines-end-with-lf': {
    original:
      'The log is split at every Unicode line break, so that an event with U+0085, U+2028 or U+2029 in it is lost.',
    corrected: 'A line ends with a line feed.',
  },
  'times-compare': {
    original: 'Times with and without an offset cannot be compared: the evaluation aborts.',
    corrected: 'A time without an offset is UTC.',
  },
  'partial-decisions-left-out': {
    original: 'An outcome without its evaluation shows up as a decision with most fields missing.',
    corrected: 'It is left out.',
  },
  'one-hint': {
    original: 'Every analysis of a repository adds another hint under a random number.',
    corrected: 'A hint has the name of its repository; analysing again renews it.',
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
    original:
      'An empty section swallows the one after it, and `### Notes` opens the section Notes.',
    corrected:
      'A section begins at its own heading of the second level and ends before the next one.',
  },
  'placeholders-teach-nothing': {
    original:
      'Importing the files as initialisation wrote them makes six rules and a playbook of their placeholders.',
    corrected: 'A section that holds only its placeholder is empty.',
  },
  'imports-say-once': {
    original:
      'An import logs every stored rule, again for each file, under a time that sorts with no other.',
    corrected: "It logs what it made or changed, once, under a time like every event's.",
  },
  'advice-returns': {
    original:
      'Export makes bullets of lines, takes any rule whose summary contains a name, and overwrites the rest of the file.',
    corrected:
      'Advice is written so that an import reads the same, and whatever no rule holds stays in the file.',
  },
  'soul-returns': {
    original:
      'SOUL.md becomes a playbook of one line, and is exported as the template whatever it said.',
    corrected: 'Its sections are rules as well, which the playbook names and an export writes.',
  },
} as const

export type Correction = keyof typeof CORRECTIONS
export type Corrections = Readonly<Record<Correction, boolean>>

const NAMES = Object.keys(CORRECTIONS) as Correction[]

/** Every correction on. */
export const CORRECTED: Corrections = all(true)
/** Every correction off: as the original does. */
export const ORIGINAL: Corrections = all(false)

function all(on: boolean): Corrections {
  return Object.fromEntries(NAMES.map((name) => [name, on])) as Record<Correction, boolean>
}

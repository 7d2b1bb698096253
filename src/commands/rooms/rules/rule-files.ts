import * as z from 'zod'
import { act } from '../../act.ts'
import { face, grouped } from '../../face.ts'
import type { Room } from '../../room.ts'

const Path = z.string().min(1).max(4096)
const Commits = z.coerce.number().int().min(1).max(10_000)

/** Rules to and from files, and hints from the history of a repository. */
export const ruleFilesRoom: Room = {
  nouns: [],
  commands: grouped('Learned rules', [
    face(
      act({
        id: 'rule.import',
        needs: 'operate',
        audit: 'own',
        input: () =>
          z.strictObject({
            path: Path,
            dryRun: z.boolean().default(false),
            trust: z.boolean().default(false),
            replace: z.boolean().default(false),
            keep: z.boolean().default(false),
          }),
        run: (deck, input, { actor }) => deck.rules.import(input, actor),
      }),
      {
        title: 'Import rules',
        about: 'deck',
        help:
          'Import rules, playbooks, their log and Markdown from a folder or a file: all of it or nothing. A folder is a policy folder, .clawpolicy, .openclaw_memory, or one that contains either; a file is rules.json, playbooks.json, policy_events.jsonl, USER.md, SOUL.md or AGENTS.md. ' +
          'Confirmed rules that allow become candidates for 30 days, unless --trust keeps them confirmed. A rule that exists here and differs stops the import, unless --replace or --keep says which one stays.',
        cli: 'policy import <path>',
        flags: {
          dryRun: { about: 'show what would change, and change nothing' },
          trust: { about: 'rules that allow stay confirmed, with the evidence in the log' },
          replace: { about: 'if a rule differs, use the one in the file' },
          keep: { about: 'if a rule differs, keep the one here' },
        },
        example: 'clawdeck policy import ~/project/.clawpolicy --dry-run',
        paths: { path: 'always' },
        answer: 'rule-import',
      },
    ),
    face(
      act({
        id: 'rule.export',
        needs: 'operate',
        audit: 'intent',
        input: () => z.strictObject({ path: Path, facts: z.boolean().default(false) }),
        run: (deck, input, { actor }) => deck.rules.export(input, actor),
      }),
      {
        title: 'Export rules',
        about: 'deck',
        help: 'Export rules.json, playbooks.json, policy_events.jsonl, USER.md, SOUL.md and AGENTS.md to a folder, as the original ClawPolicy reads them: all of them or none. If the folder is named .clawpolicy, or is a project (it contains .clawpolicy or .git), they go into .clawpolicy/policy there, and Markdown beside that folder. Other text in Markdown files is kept.',
        cli: 'policy export <path>',
        flags: {
          facts: {
            about:
              'also what only clawdeck knows: expiry, author and unknown keys. For another deck; the original ClawPolicy cannot read such files',
          },
        },
        example: 'clawdeck policy export ~/project/.clawpolicy/policy',
        paths: { path: 'always' },
        answer: 'rule-export',
      },
    ),
    face(
      act({
        id: 'rule.analyze',
        needs: 'operate',
        audit: 'own',
        input: () => z.strictObject({ repository: Path, commits: Commits.default(100) }),
        run: (deck, { repository, commits }, { actor }) =>
          deck.rules.analyze({ path: repository, commits }, actor),
      }),
      {
        title: 'Learn from a repository',
        about: 'deck',
        help: 'Learn a hint from the history of a local git repository. Hints have no effect.',
        cli: 'policy analyze <repository>',
        flags: {
          commits: { about: 'number of latest commits to read (100)', value: 'n' },
        },
        example: 'clawdeck policy analyze ~/project',
        paths: { repository: 'always' },
        answer: 'rule-import',
      },
    ),
  ]),
}

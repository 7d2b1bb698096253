import * as z from 'zod'
import { act } from '../act.ts'
import { face, grouped } from '../face.ts'
import type { Room } from '../room.ts'

const Path = z.string().min(1).max(4096)
const Commits = z.coerce.number().int().min(1).max(10_000)

/** Rules that travel: into files and out of them, and hints from a repository's history. */

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
          'Take in rules, playbooks, their log and Markdown from a folder or one file: all or nothing. A folder is a policy folder, .clawpolicy, .openclaw_memory, or one that holds either; a file is rules.json, playbooks.json, policy_events.jsonl, USER.md, SOUL.md or AGENTS.md. ' +
          'Confirmed rules that allow come in as candidates that end after 30 days, unless --trust takes them as they are. What is here already and differs stops the import, unless --replace or --keep says which one stays.',
        cli: 'policy import <path>',
        flags: {
          dryRun: { about: 'say what would happen, and change nothing' },
          trust: { about: 'rules that allow stay confirmed, with the evidence in the log' },
          replace: { about: 'where a rule is here and differs, take that of the file' },
          keep: { about: 'where a rule is here and differs, keep ours' },
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
        help: 'Write rules.json, playbooks.json and policy_events.jsonl into a folder, and USER.md, SOUL.md and AGENTS.md: all or none of them, as the original ClawPolicy reads them. The path is that folder itself. If it is named .clawpolicy, or is a project (it holds .clawpolicy or .git), they go into .clawpolicy/policy there, and Markdown beside that folder. What Markdown files say besides the rules stays.',
        cli: 'policy export <path>',
        flags: {
          facts: {
            about:
              'with what only clawdeck knows: until when a rule holds, who made it, and unknown keys. For another deck; the original ClawPolicy cannot read such files',
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
        help: 'Make a weak hint of how work is done in a local git repository. It decides nothing.',
        cli: 'policy analyze <repository>',
        flags: {
          commits: { about: 'how many of the latest commits to look at (100)', value: 'n' },
        },
        example: 'clawdeck policy analyze ~/project',
        paths: { repository: 'always' },
        answer: 'rule-import',
      },
    ),
  ]),
}

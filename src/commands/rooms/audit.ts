import * as z from 'zod'
import { act } from '../act.ts'
import { face, grouped } from '../face.ts'
import { AgentName, Nothing, Limit } from '../inputs.ts'
import type { Room } from '../room.ts'

export const auditRoom: Room = {
  nouns: [],
  commands: grouped('The record', [
    face(
      act({
        id: 'audit.tail',
        needs: 'see',
        audit: 'none',
        stream: true,
        input: () =>
          z.strictObject({
            follow: z.boolean().default(false),
            limit: Limit.default(20),
            agent: AgentName.optional(),
          }),
        run: (deck, { follow, limit, agent }, { signal }) =>
          deck.audit.tail({ follow, limit, agent, signal }),
      }),
      {
        title: 'Follow events',
        about: 'deck',
        help: 'The latest events, and with --follow those to come.',
        cli: 'audit tail',
        flags: {
          follow: { about: 'go on as events are committed', short: 'f' },
          limit: { about: 'how many (20)', value: 'n' },
          agent: { about: 'only this agent', value: 'name' },
        },
        example: 'clawdeck audit tail --follow --json',
        answer: 'followed-events',
      },
    ),
    face(
      act({
        id: 'audit.search',
        needs: 'see',
        audit: 'none',
        input: () =>
          z.strictObject({
            text: z.array(z.string().max(200)).max(16).default([]),
            agent: AgentName.optional(),
            type: z.string().max(64).optional(),
            since: z.coerce.date().optional(),
            before: z.number().int().optional(),
            limit: Limit.default(50),
          }),
        run: (deck, { text, agent, type, since, before, limit }) =>
          deck.audit.search({
            text: text.join(' ').trim() || undefined,
            agent,
            type,
            since: since?.getTime(),
            before,
            limit,
          }),
      }),
      {
        title: 'Search events',
        about: 'deck',
        help: 'Events that hold all the words, newest first.',
        cli: 'audit search [text...]',
        flags: {
          agent: { about: 'only this agent', value: 'name' },
          type: { about: 'only this type', value: 'type' },
          since: { about: 'after this ISO time', value: 'time' },
          limit: { about: 'how many (50)', value: 'n' },
        },
        example: 'clawdeck audit search git push --agent a1',
        answer: 'events',
      },
    ),
    face(
      act({
        id: 'audit.verify',
        needs: 'see',
        audit: 'none',
        input: () =>
          z.strictObject({
            file: z.string().max(4096).optional(),
            deep: z.boolean().default(false),
          }),
        run: (deck, { file, deep }) => deck.audit.verify({ file, deep }),
      }),
      {
        title: 'Verify the journal',
        about: 'deck',
        keys: ['V'],
        help: 'Prove the chain, the checkpoints and the mirrors, or an exported file; false names the first event that does not hold.',
        cli: 'audit verify [file]',
        flags: {
          deep: {
            about:
              'also every page of the database, and the state folded from the journal; a short journal is always proven so',
          },
        },
        example: 'clawdeck audit verify --deep',
        paths: { file: 'always' },
        exit: ({ ok }) => (ok ? 0 : 1),
        answer: 'verification',
      },
    ),
    face(
      act({
        id: 'audit.export',
        needs: 'operate',
        audit: 'intent',
        input: () => z.strictObject({ path: z.string().min(1).max(4096) }),
        run: (deck, { path }, { actor }) => deck.audit.export(path, actor),
      }),
      {
        title: 'Export the journal',
        about: 'deck',
        help: 'Write every event and the signed head to a JSONL file that can be verified anywhere.',
        cli: 'audit export <path>',
        example: 'clawdeck audit export deck.jsonl',
        paths: { path: 'always' },
        answer: 'export',
      },
    ),
    face(
      act({
        id: 'audit.rebuild',
        needs: 'see',
        audit: 'none',
        input: () => Nothing,
        run: (deck) => deck.audit.rebuild(),
      }),
      {
        title: 'Rebuild state',
        about: 'deck',
        help: 'Fold the whole journal anew beside the live tables and say whether they agree.',
        cli: 'audit rebuild',
        example: 'clawdeck audit rebuild',
        exit: ({ same }) => (same ? 0 : 1),
        answer: 'rebuild',
      },
    ),
    face(
      act({
        id: 'audit.checkpoint',
        needs: 'operate',
        audit: 'intent',
        input: () => Nothing,
        run: (deck) => deck.audit.checkpoint(),
      }),
      {
        title: 'Sign a checkpoint',
        about: 'deck',
        help: 'Sign the head of the journal now.',
        cli: 'audit checkpoint',
        example: 'clawdeck audit checkpoint --json',
        answer: 'checkpoint',
      },
    ),
  ]),
}

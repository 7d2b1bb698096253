import * as z from 'zod'
import { act } from '../act.ts'
import { face, grouped } from '../face.ts'
import { lossNoun } from '../../journal/loss/noun.ts'
import { AgentName, Nothing, Limit } from '../inputs.ts'
import type { Room } from '../room.ts'

export const auditRoom: Room = {
  nouns: [lossNoun],
  commands: grouped('Audit', [
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
        narrow: (event, sees) => (sees(event.subject) ? event : undefined),
      }),
      {
        title: 'Follow events',
        about: 'deck',
        help: 'Show the latest events. --follow also prints new ones.',
        cli: 'audit tail',
        flags: {
          follow: { about: 'keep printing new events', short: 'f' },
          limit: { about: 'number of events (20)', value: 'n' },
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
        narrow: (found, sees) => found.filter(({ subject }) => sees(subject)),
      }),
      {
        title: 'Search events',
        about: 'deck',
        help: 'Find events with all these words, newest first.',
        cli: 'audit search [text...]',
        flags: {
          agent: { about: 'only this agent', value: 'name' },
          type: { about: 'only this type', value: 'type' },
          since: { about: 'from this time on, such as 2026-01-31T12:00', value: 'time' },
          limit: { about: 'at most this many (50)', value: 'n' },
        },
        example: 'clawdeck audit search git push --agent a1',
        answer: 'events',
      },
    ),
    face(
      act({
        id: 'audit.verify',
        // What is in files of this machine, and how long they are to read, is no viewer's matter.
        needs: ({ file }) => (file === undefined ? 'see' : 'operate'),
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
        help: 'Verify the hash chain, the checkpoints and their mirrors, or an exported file. If the journal is broken, it says at which event.',
        cli: 'audit verify [file]',
        flags: {
          deep: {
            about:
              'also check the whole database, and the state against the journal; always done for a short journal',
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
        help: 'Export all events and the signed head to a JSONL file, which can be verified anywhere.',
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
        title: 'Compare state',
        about: 'deck',
        help: 'Rebuild the state from the journal, and compare it with the live tables.',
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
    face(
      act({
        id: 'audit.accept_loss',
        needs: 'own',
        audit: 'own',
        input: () => Nothing,
        run: (deck, _, { actor }) => deck.audit.acceptLoss(actor),
      }),
      {
        title: 'Accept lost events',
        about: 'deck',
        danger: 'confirm',
        help: 'Trust what remains of a broken journal. Until then a person decides everything; leases, learned rules and questions of before do not come back.',
        cli: 'audit accept-loss',
        example: 'clawdeck audit accept-loss',
        answer: 'accepted-loss',
      },
    ),
  ]),
}

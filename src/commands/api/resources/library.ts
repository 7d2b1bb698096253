import type { RecordData } from '../../../domain/governance/records/types.ts'
import { endpoint, type Endpoint } from '../endpoint.ts'
import { AgentId, fields, someText, text, texts } from '../inputs.ts'
import {
  changesRecord,
  createsRecord,
  getsRecord,
  listAnswer,
  listsRecords,
  listShape,
  oneRecord,
  removesRecord,
} from '../kinds/endpoints.ts'
import { newIds, type RecordKind, type Told } from '../kinds/kind.ts'

const DOC: RecordKind = {
  kind: 'shared_doc',
  one: 'doc',
  many: 'docs',
  id: newIds.named('sd', 'name'),
  scanned: true,
  shape: () => ({ name: someText(500), content: someText(100_000), agent_id: AgentId }),
  made: ({ agent_id: by }) => ({ version: 1, created_by: by, last_edited_by: by }),
  again: (before, { content, agent_id: by }) => ({
    content,
    last_edited_by: by,
    version: Number(before['version']) + 1,
  }),
}

const DOCS = { about: 'Shared documents; with `id` one of them.', page: [100, 20] } as const

const SNIPPET: RecordKind = {
  kind: 'snippet',
  one: 'snippet',
  many: 'snippets',
  id: newIds.named('sn', 'name'),
  scanned: true,
  shape: () => ({
    name: someText(200),
    code: someText(50_000),
    description: text(2000).optional(),
    language: text(100).optional(),
    tags: texts(50, 100).optional(),
    agent_id: AgentId.optional(),
  }),
  defaults: { tags: [] },
  made: () => ({ use_count: 0, last_used: null }),
  again: (_, told) => told,
}

/** Documents and snippets that all agents of an organisation share. */
export const libraryEndpoints: readonly Endpoint[] = [
  createsRecord(DOC, 'POST /messages/docs', {
    about: 'Saves a document that all agents see: a name that exists getsRecord its next version.',
  }),
  endpoint('GET /messages/docs', {
    about: DOCS.about,
    input: () => fields({ ...listShape({ ...DOCS, search: [] }), id: text(128).optional() }),
    run: (api, input, caller) => {
      const asked = input as Told
      const { id } = asked
      if (typeof id === 'string') return { doc: oneRecord(api, DOC, { id, caller }) }
      return listAnswer(DOC, { ...DOCS, search: ['name', 'content'] }, { api, asked, caller })
    },
  }),
  createsRecord(SNIPPET, 'POST /snippets', {
    about: 'Saves code under a name; one of this name is replaced.',
  }),
  listsRecords(SNIPPET, 'GET /snippets', {
    about: 'Snippets, the most used first.',
    by: ['agent_id', 'language'],
    search: ['name', 'description', 'code'],
    has: { tag: 'tags' },
  }),
  removesRecord(SNIPPET, 'DELETE /snippets', { about: 'Deletes a snippet.' }),
  getsRecord(SNIPPET, 'GET /snippets/:id', { about: 'One snippet.' }),
  changesRecord(SNIPPET, 'POST /snippets/:id/use', {
    about: 'Counts a use of a snippet.',
    shape: () => ({}),
    isMove: true,
    change: (before: RecordData, _, { now }) => ({
      use_count: Number(before['use_count']) + 1,
      last_used: now,
    }),
  }),
]

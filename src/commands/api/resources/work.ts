import * as z from 'zod'
import { Fault } from '../../../base/fault.ts'
import { goalStats } from '../../../domain/governance/goals/sums.ts'
import type { Endpoint } from '../endpoint.ts'
import { AgentId, json, Score, someText, text, Time } from '../inputs.ts'
import { createsRecord, listsRecords } from '../kinds/endpoints.ts'
import { newIds, type RecordKind, type Told } from '../kinds/kind.ts'

const agent = () => ({ agent_id: AgentId.optional() })
/** What agents spell in their own ways: a day, a time, a word. */
const Loose = () => text(200).optional()

const GOAL: RecordKind = {
  kind: 'goal',
  one: 'goal',
  many: 'goals',
  id: newIds.serial,
  scanned: true,
  shape: () => ({
    ...agent(),
    title: someText(500),
    category: Loose(),
    description: text(5000).optional(),
    target_date: Loose(),
    deadline: Loose(),
    priority: Loose(),
    progress: z.number().min(0).max(100).optional(),
    status: text(50).optional(),
  }),
  defaults: { progress: 0, status: 'active' },
}

const CONTENT: RecordKind = {
  kind: 'content',
  one: 'content',
  many: 'content_items',
  id: newIds.serial,
  scanned: true,
  shape: () => ({
    ...agent(),
    title: someText(500),
    platform: Loose(),
    content_type: Loose(),
    status: text(50).optional(),
    url: text(2000).optional(),
    body: text(100_000).optional(),
  }),
  defaults: { status: 'draft' },
}

const INTERACTION: RecordKind = {
  kind: 'interaction',
  one: 'interaction',
  many: 'interactions',
  id: newIds.serial,
  scanned: true,
  shape: () => ({
    ...agent(),
    summary: someText(2000),
    contact_name: text(500).optional(),
    contact_id: z.union([text(128), z.number()]).optional(),
    direction: text(50).optional(),
    type: text(100).optional(),
    platform: Loose(),
  }),
  defaults: { direction: 'outbound', type: 'message' },
}

const EVENT: RecordKind = {
  kind: 'calendar_event',
  one: 'event',
  many: 'events',
  id: newIds.serial,
  scanned: true,
  shape: () => ({
    ...agent(),
    summary: someText(500),
    start_time: Time,
    end_time: Time.optional(),
    location: text(500).optional(),
    description: text(5000).optional(),
  }),
  made: ({ start_time: start, end_time: end }) => {
    if (typeof end === 'string' && Date.parse(end) < Date.parse(start as string))
      throw new Fault('input.invalid', 'end_time must not be before start_time')
    return {}
  },
}

const FACTORS = ['fun_factor', 'learning_potential', 'income_potential'] as const

const IDEA: RecordKind = {
  kind: 'idea',
  one: 'idea',
  many: 'ideas',
  id: newIds.serial,
  scanned: true,
  shape: () => ({
    ...agent(),
    title: someText(500),
    description: text(5000).optional(),
    category: Loose(),
    score: z.number().min(0).max(100).optional(),
    ...Object.fromEntries(FACTORS.map((name) => [name, Score.optional()])),
    status: text(50).optional(),
    source: text(2000).optional(),
    metadata: json(10_000).optional(),
  }),
  defaults: { status: 'pending' },
  made: (told) => ({ score: ideaScore(told) }),
}

const USUAL_SCORE = 50

/** The score that was told, else the mean of its factors. */
function ideaScore(told: Told): number {
  if (typeof told['score'] === 'number') return told['score']
  const factors = FACTORS.flatMap((name) => (told[name] === undefined ? [] : [Number(told[name])]))
  if (factors.length === 0) return USUAL_SCORE
  return Math.round(factors.reduce((sum, each) => sum + each, 0) / factors.length)
}

/** What agents keep of their work: goals, content, contacts, appointments, ideas. */
export const workEndpoints: readonly Endpoint[] = [
  createsRecord(GOAL, 'POST /goals', { about: 'Records a goal.' }),
  listsRecords(GOAL, 'GET /goals', {
    about: 'Goals, newest first.',
    by: ['agent_id', 'status', 'category'],
    also: ({ records, clock }, { agent_id: named }, { tenant: { org } }) => {
      const of = typeof named === 'string' ? ['agent', named] : ['all']
      return {
        stats: goalStats(records.sums(org, GOAL.kind, of)),
        lastUpdated: new Date(clock.now()).toISOString(),
      }
    },
  }),
  createsRecord(CONTENT, 'POST /content', { about: 'Records something that was written.' }),
  listsRecords(CONTENT, 'GET /content', {
    about: 'What was written, newest first.',
    by: ['agent_id', 'status', 'platform'],
  }),
  createsRecord(INTERACTION, 'POST /relationships', { about: 'Records contact with somebody.' }),
  listsRecords(INTERACTION, 'GET /relationships', {
    about: 'Contacts with people, newest first.',
    by: ['agent_id', 'contact_name', 'platform', 'type'],
  }),
  createsRecord(EVENT, 'POST /calendar', { about: 'Records an event of the calendar.' }),
  listsRecords(EVENT, 'GET /calendar', {
    about: 'Events of the calendar, the next first.',
    by: ['agent_id'],
    order: ['start_time'],
  }),
  createsRecord(IDEA, 'POST /inspiration', { about: 'Records an idea.' }),
  listsRecords(IDEA, 'GET /inspiration', {
    about: 'Ideas, the best first.',
    by: ['agent_id', 'status', 'category'],
  }),
]

import type { ApiCallOptions, ApiDeck } from './api-deck.ts'

export const RESEARCH = {
  agent_id: 'scout',
  action_type: 'research',
  declared_goal: 'read the docs',
}

/** Creates an action and reports how it ended. Answers its id. */
export async function finishedAction(
  api: ApiDeck,
  {
    outcome = {},
    as = 'admin',
    ...told
  }: Record<string, unknown> & {
    outcome?: object
    as?: ApiCallOptions['as']
  } = {},
): Promise<string> {
  const created = await api.call('POST /actions', { ...RESEARCH, ...told }, { as })
  const id = String(created.body['action_id'])
  await api.call(`PATCH /actions/${id}`, { status: 'completed', ...outcome }, { as })
  return id
}

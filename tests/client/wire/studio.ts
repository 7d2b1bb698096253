import type { WireExample } from './example.ts'

/** Execution Studio. */
export const STUDIO_EXAMPLES: readonly WireExample[] = [
  ['listWorkflowTemplates', [{ status: 'active' }], 'GET /workflows/templates?status=active'],
  [
    'createWorkflowTemplate',
    [{ name: 'Hotfix', linkedPolicyIds: ['gp_1'] }],
    'POST /workflows/templates',
    { name: 'Hotfix', linked_policy_ids: ['gp_1'] },
  ],
  ['getWorkflowTemplate', ['wft_1'], 'GET /workflows/templates/wft_1'],
  [
    'updateWorkflowTemplate',
    ['wft_1', { steps: [{ id: 'plan' }] }],
    'PATCH /workflows/templates/wft_1',
    { steps: [{ id: 'plan' }] },
  ],
  ['duplicateWorkflowTemplate', ['wft_1'], 'POST /workflows/templates/wft_1/duplicate', {}],
  [
    'launchWorkflowTemplate',
    ['wft_1', { agent_id: 'bot' }],
    'POST /workflows/templates/wft_1/launch',
    { agent_id: 'bot' },
  ],
  ['listModelStrategies', [], 'GET /model-strategies'],
  [
    'createModelStrategy',
    [{ name: 'Balanced', config: { primary: { provider: 'openai', model: 'm' } } }],
    'POST /model-strategies',
    { name: 'Balanced', config: { primary: { provider: 'openai', model: 'm' } } },
  ],
  ['getModelStrategy', ['mst_1'], 'GET /model-strategies/mst_1'],
  [
    'updateModelStrategy',
    ['mst_1', { config: { maxRetries: 1 } }],
    'PATCH /model-strategies/mst_1',
    { config: { maxRetries: 1 } },
  ],
  ['deleteModelStrategy', ['mst_1'], 'DELETE /model-strategies/mst_1'],
  [
    'listKnowledgeCollections',
    [{ source_type: 'urls' }],
    'GET /knowledge/collections?source_type=urls',
  ],
  [
    'createKnowledgeCollection',
    [{ name: 'Runbooks', sourceType: 'files' }],
    'POST /knowledge/collections',
    { name: 'Runbooks', source_type: 'files' },
  ],
  ['getKnowledgeCollection', ['kc_1'], 'GET /knowledge/collections/kc_1'],
  [
    'updateKnowledgeCollection',
    ['kc_1', { tags: ['ops'] }],
    'PATCH /knowledge/collections/kc_1',
    { tags: ['ops'] },
  ],
  [
    'listKnowledgeCollectionItems',
    ['kc_1', { limit: 5 }],
    'GET /knowledge/collections/kc_1/items?limit=5',
  ],
  [
    'addKnowledgeCollectionItem',
    ['kc_1', { sourceUri: 'https://example.test/a.md', mime_type: 'text/markdown' }],
    'POST /knowledge/collections/kc_1/items',
    { source_uri: 'https://example.test/a.md', mime_type: 'text/markdown' },
  ],
  [
    'listCapabilities',
    [{ risk_level: 'medium', search: 'slack' }],
    'GET /capabilities?risk_level=medium&search=slack',
  ],
  [
    'createCapability',
    [{ name: 'Slack', requiresApproval: false }],
    'POST /capabilities',
    { name: 'Slack', requires_approval: false },
  ],
  ['getCapability', ['cap_1'], 'GET /capabilities/cap_1'],
  ['updateCapability', ['cap_1', { docsUrl: 'x' }], 'PATCH /capabilities/cap_1', { docs_url: 'x' }],
]

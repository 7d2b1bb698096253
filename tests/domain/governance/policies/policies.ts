import type {
  ApiPolicy,
  PolicyFacts,
  PolicyQuestion,
} from '../../../../src/domain/governance/policies/types.ts'

export function apiPolicy(type: string, rules: object, over: Partial<ApiPolicy> = {}): ApiPolicy {
  return {
    id: 'gp_1',
    name: 'P',
    policy_type: type,
    rules: JSON.stringify(rules),
    active: true,
    agent_ids: null,
    ...over,
  }
}

export function policyQuestion(over: Partial<PolicyQuestion> = {}): PolicyQuestion {
  return { agentId: 'scout', actionType: 'deploy', risk: 50, intel: {}, ...over }
}

export function policyFacts(over: Partial<PolicyFacts> = {}): PolicyFacts {
  return {
    actionsWithin: () => 0,
    permissionLevel: null,
    similarity: { kind: 'no-provider' },
    semantic: new Map(),
    ...over,
  }
}

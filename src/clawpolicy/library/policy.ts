// The public surface of `clawdeck/policy`, written out: see src/clawpolicy/README.md.
export { ConfirmationAPI, createApi } from './confirmation-api.ts'
export type {
  ConfidenceEntry,
  ConfirmationOptions,
  DecisionDetails,
  DecisionRecord,
  ExecutionReport,
} from './confirmation-api.ts'
export { initMemory, type InitOptions } from './init-memory.ts'
export {
  MarkdownToPolicyConverter,
  PolicyToMarkdownExporter,
  type MarkdownConverterOptions,
} from './markdown-files.ts'
export {
  PolicyStore,
  type BootstrapOptions,
  type PolicyStoreOptions,
  type PolicyStoreStats,
} from './policy-store.ts'
export { CORRECTED, CORRECTIONS, ORIGINAL } from '../corrections.ts'
export type { Correction, Corrections } from '../corrections.ts'
export {
  newEvent as createPolicyEvent,
  newPlaybook as createPlaybook,
  newRule as createRule,
  showEvent,
  showPlaybook,
  showRule,
} from '../files/records.ts'
export type { PlainJson } from '../files/json.ts'
export type { PolicyStatus } from '../evidence/history.ts'
export type { EngineSources } from '../times.ts'
export type {
  ExecutionMode,
  Playbook,
  PolicyEvent,
  RiskLevel,
  Rule,
  ScopeName,
  Status,
  Task,
} from '../types.ts'
export { Fault as PolicyFault } from '../../base/fault.ts'

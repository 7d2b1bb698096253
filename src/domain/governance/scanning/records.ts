import { sha256 } from '../../../base/canonical.ts'
import type { SecuritySummary } from './types.ts'

/** What is kept of a scan: enough to know the same text again, and nothing of it. */
export interface ScanRecord extends SecuritySummary {
  content_hash: string
  agent_id: string | null
  source: string | null
}

/** The record of a scan, or null if none is kept: of a clean text, or where none is wanted. */
export function scanRecord(
  text: string,
  { clean, findings_count, critical_count, categories }: SecuritySummary,
  { agentId, source, store }: { agentId: string | null; source: string | null; store: boolean },
): ScanRecord | null {
  if (clean || !store) return null
  const content_hash = sha256(text)
  return {
    content_hash,
    agent_id: agentId,
    source,
    clean,
    findings_count,
    critical_count,
    categories,
  }
}

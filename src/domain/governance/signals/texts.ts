import type { SignalType } from './types.ts'

/** What to do about each type of signal. */
export const SIGNAL_HELP: Readonly<Record<SignalType, string>> = {
  agent_silent: 'Check that the agent still runs; restart it, or set its status to offline.',
  autonomy_spike: 'Look at what the agent does, and set a rate limit if it is not intended.',
  high_impact_low_oversight:
    'Ask who authorized it; require approval for irreversible actions of high risk.',
  repeated_failures: 'Read the error messages; stop the agent if it repeats the same mistake.',
  stale_loop: 'Resolve or cancel the loop, or give it an owner.',
  assumption_drift: 'Review what the agent believes before it acts on more of it.',
  stale_assumption: 'Validate or invalidate the assumption.',
  stale_running_action: 'Find out whether it still runs; report its outcome or cancel it.',
  workflow_stuck: 'Look at the step that it stands at; cancel it and start again if it hangs.',
  approval_backlog: 'Approve or deny the action; the agent waits for it.',
  integration_mismatch: 'Renew the stored credentials of the provider, or add them.',
  session_stalled: 'Ask the agent what it waits for, or close the session.',
  branch_stale: 'Update the branch before the agent changes more on it.',
  mcp_degraded: 'Check the MCP server; sign in again if it asks for that.',
  green_insufficient: 'Run the tests that the policy requires, then ask again.',
}

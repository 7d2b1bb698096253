/**
 * One call and its request: the method, good arguments, the address below `/api`, and the body (none for GET). The agent
 * of the client is `tester`, with the name `Tess`, in the swarm `blue`.
 */
export type WireExample = readonly [
  name: string,
  args: readonly unknown[],
  request: string,
  body?: Record<string, unknown>,
]

export const ME = { agent_id: 'tester' }

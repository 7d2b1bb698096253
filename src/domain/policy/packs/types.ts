import type { OperatorPolicy } from '../types.ts'

export interface PackRow {
  name: string
  about: string
  policies: number
  tests: number
  enabled: boolean
  origin: 'built-in' | 'yours'
  path: string
  problem: string | null
}

export interface PackService {
  list(): Promise<PackRow[]>
  show(name: string): Promise<{ pack: PackRow; policies: OperatorPolicy[]; text: string }>
  /** Runs the cases in the pack. Fault `policies.invalid` names the first that fails. */
  test(name: string): Promise<{ name: string; cases: number }>
  enable(name: string, actor: string): Promise<PackRow>
  disable(name: string, actor: string): Promise<PackRow>
}

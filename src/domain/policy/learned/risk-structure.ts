import type { TaskRisk } from './risk.ts'
import type { Task } from './types.ts'
export function structuralRisk(_task: Task): TaskRisk { return { level: 'medium', basis: [] } }

/** What few need, each loaded when it is asked for: until then none of it costs anything. */
export const extras = {
  /** Networks with hidden layers, in the place of the linear ones. */
  neural: () => import('./optional/neural.ts'),
  /** Training of many projects at once, on threads. */
  distributed: () => import('./optional/distributed.ts'),
  /** Search for good settings, and schedules of learning rates. */
  tuner: () => import('./optional/tuner.ts'),
  schedules: () => import('./optional/schedules.ts'),
  /** Numbers of a training over time. */
  monitoring: () => import('./optional/monitoring.ts'),
  tensorboard: () => import('./optional/tensorboard.ts'),
  /** Batches, caches and small numbers. */
  performance: () => import('./optional/performance.ts'),
} as const

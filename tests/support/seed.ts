import fc from 'fast-check'

/** Properties are tried on the same examples in every run, so that a run says the same of the same code; `FC_SEED=<number>` tries others. */
fc.configureGlobal({ seed: Number(process.env['FC_SEED'] ?? 1) })

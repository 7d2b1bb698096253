import * as z from 'zod'
import type { Lab } from '../../../domain/rules/lab/types.ts'
import { act } from '../../act.ts'
import { face, grouped, type Flag } from '../../face.ts'
import { AgentName } from '../../inputs.ts'
import type { Room } from '../../room.ts'

declare module '../../deck.ts' {
  interface RecordServices {
    lab: Lab
  }
}

const LabInput = z.strictObject({
  agent: AgentName.optional(),
  since: z.coerce
    .date()
    .transform((date) => date.getTime())
    .optional(),
  seed: z.coerce.number().optional(),
  episodes: z.coerce.number().optional(),
  seconds: z.coerce.number().optional(),
})

const flags: Record<string, Flag> = {
  agent: { about: 'only what this agent asked', value: 'name' },
  since: { about: 'only what was asked after this ISO time', value: 'time' },
  seed: { about: 'another random start (1); equal seeds give equal results', value: 'n' },
  seconds: { about: 'how long it may take (60)', value: 'n' },
}
const episodes: Flag = { about: 'training steps, each on one recorded question (2000)', value: 'n' }

/** The engine's reinforcement learning, tried on what people decided. */
export const labRoom: Room = {
  nouns: [],
  service: async (context) => ({
    lab: (await import('../../../domain/rules/lab/service.ts')).labService(context),
  }),
  commands: grouped('Learned rules', [
    face(
      act({
        id: 'lab.train',
        needs: ({ save }) => (save === undefined ? 'see' : 'operate'),
        audit: ({ save }) => (save === undefined ? 'none' : 'intent'),
        stream: true,
        input: () => LabInput.extend({ save: z.string().min(1).max(4096).optional() }),
        run: (deck, input, { signal }) => deck.lab.train(input, signal),
      }),
      {
        title: 'Train a model on the past',
        about: 'deck',
        help: 'Train a model on recorded decisions of people, and show how its reward grows. It decides nothing; --save keeps it for the library.',
        cli: 'policy lab train',
        flags: { ...flags, episodes, save: { about: 'a new folder for it', value: 'path' } },
        example: 'clawdeck policy lab train --save ~/models/first',
        paths: { save: 'always' },
        answer: 'lab-updates',
      },
    ),
    face(
      act({
        id: 'lab.evaluate',
        needs: 'see',
        audit: 'none',
        stream: true,
        input: () => LabInput,
        run: (deck, input, { signal }) => deck.lab.evaluate(input, signal),
      }),
      {
        title: 'Compare a model with people',
        about: 'deck',
        help: 'Train a model on the older three quarters of recorded decisions, and count how often it agrees with people on the rest.',
        cli: 'policy lab evaluate',
        flags: { ...flags, episodes },
        example: 'clawdeck policy lab evaluate --agent a1',
        answer: 'lab-updates',
      },
    ),
    face(
      act({
        id: 'lab.tune',
        needs: 'see',
        audit: 'none',
        stream: true,
        input: () => LabInput.extend({ trials: z.coerce.number().optional() }),
        run: (deck, input, { signal }) => deck.lab.tune(input, signal),
      }),
      {
        title: 'Tune the training',
        about: 'deck',
        help: 'Search for the learning rates that agree best with people, by Bayesian optimisation, and compare them with the defaults.',
        cli: 'policy lab tune',
        flags: {
          ...flags,
          episodes: { ...episodes, about: 'training steps of each trial (400)' },
          trials: { about: 'how many rates to try (20)', value: 'n' },
        },
        example: 'clawdeck policy lab tune --trials 50',
        answer: 'lab-updates',
      },
    ),
  ]),
}

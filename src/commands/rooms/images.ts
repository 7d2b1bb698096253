import * as z from 'zod'
import { act } from '../act.ts'
import { face, grouped } from '../face.ts'
import type { Room } from '../room.ts'

export const imagesRoom: Room = {
  nouns: [],
  commands: grouped('Deck', [
    face(
      act({
        id: 'image.build',
        needs: 'operate',
        audit: 'intent',
        stream: true,
        input: () =>
          z.strictObject({
            tag: z.string().max(200).default('localhost/clawdeck-agent:latest'),
            base: z.string().max(200).default('scratch'),
            noCache: z.boolean().default(false),
          }),
        run: (deck, input, { actor, signal }) => deck.images.build({ ...input, signal }, actor),
      }),
      {
        title: 'Build agent image',
        about: 'deck',
        help: "Build the agent image. Without --base it uses this machine's busybox and Node, and needs no registry.",
        cli: 'image build',
        flags: {
          tag: { about: 'image name (localhost/clawdeck-agent:latest)', value: 'tag' },
          base: { about: 'base image, or scratch', value: 'image' },
          noCache: { about: 'build without the cache' },
        },
        example: 'clawdeck image build',
        answer: 'build-lines',
      },
    ),
  ]),
}

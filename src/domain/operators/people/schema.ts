import * as z from 'zod'

/** More people than this decide nothing together. */
const MOST_PEOPLE = 16

const Names = z
  .array(
    z
      .string()
      .regex(
        /^[a-z][a-z0-9._-]{0,31}$/,
        "an operator's name has 1 to 32 of a–z, 0–9, ., _ and -, and begins with a letter",
      ),
  )
  .min(1)
  .max(64)
  .superRefine((names, { addIssue }) => {
    const twice = names.findIndex((name, i) => names.indexOf(name) < i)
    if (twice >= 0)
      addIssue({
        code: 'custom',
        path: [twice],
        message: 'this name is there twice, and one person counts once',
        params: { fix: 'Remove one of them.' },
      })
  })

const Some = z
  .strictObject({ of: Names, atLeast: z.number().int().min(1).max(MOST_PEOPLE) })
  .superRefine(({ of, atLeast }, { addIssue }) => {
    if (atLeast > of.length)
      addIssue({
        code: 'custom',
        path: ['atLeast'],
        message: `so many cannot agree: ${of.length} named`,
        params: { fix: 'Name more people, or ask for fewer.' },
      })
  })

/** The keys by which templates and policies ask for people. */
export const peopleFields = {
  people: z.union([z.number().int().min(1).max(MOST_PEOPLE), Some]).exactOptional(),
  notStarter: z.boolean().exactOptional(),
}

/** The same as a lock holds them. */
export const lockedPeopleFields = {
  people: z
    .union([
      z.number().int().min(1),
      z.strictObject({ of: z.array(z.string()).min(1), atLeast: z.number().int().min(1) }),
    ])
    .exactOptional(),
  notStarter: z.boolean().exactOptional(),
}

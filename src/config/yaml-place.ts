import * as z from 'zod'
import { Fault } from '../base/fault.ts'
import { parseYaml, type YamlSource } from './yaml.ts'

/** A mistake that no schema knows of, with its place as any other has it. `fix` says what to do. */
export function mistakeAt(
  text: string,
  source: YamlSource,
  mistake: { path: PropertyKey[]; text: string; fix: string },
): Fault {
  const schema = z.unknown().superRefine((_, { addIssue }) =>
    addIssue({
      code: 'custom',
      path: mistake.path,
      message: mistake.text,
      params: { fix: mistake.fix },
    }),
  )
  try {
    parseYaml(text, schema, source)
  } catch (thrown) {
    if (thrown instanceof Fault) return thrown
    throw thrown
  }
  return new Fault(source.code, `${source.file}: ${mistake.text}`, { hint: mistake.fix })
}

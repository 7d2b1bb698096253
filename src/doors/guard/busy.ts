import { Fault } from '../../base/fault.ts'

/** A limit was reached. Nothing was decided; the request may be repeated after `seconds`. */
export class Busy extends Fault {
  readonly seconds: number

  constructor(message: string, seconds: number) {
    super('not.possible', message, { hint: `Try again in ${seconds} s.` })
    this.seconds = seconds
  }
}

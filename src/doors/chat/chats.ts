import type { Caller } from '../../commands/act.ts'
import type { Device, DeviceIdentity } from '../../domain/operators/pairing/types.ts'
import type { OperatorAccess } from '../../domain/operators/types.ts'
import { callerAs } from '../operator/caller.ts'

/** What the door needs to know of who is paired. */
export interface PairedAccounts {
  /** The trusted device with this identity. */
  known(identity: DeviceIdentity): Device | undefined
  /** The trusted devices of a kind. */
  ofKind(kind: Device['kind']): Device[]
  /** Whether an offer of a kind waits for a device. */
  isOffered(kind: Device['kind']): boolean
}

/** The chat of a paired person. */
export interface PairedChat {
  chat: number
  device: Device
}

/** The chats of those who are paired, and whom they speak for. */
export class Chats {
  readonly #accounts: PairedAccounts
  readonly #operators: Pick<OperatorAccess, 'active' | 'whileTrusted'>
  readonly #gone: AbortSignal

  constructor(
    accounts: PairedAccounts,
    operators: Pick<OperatorAccess, 'active' | 'whileTrusted'>,
    gone: AbortSignal,
  ) {
    this.#accounts = accounts
    this.#operators = operators
    this.#gone = gone
  }

  all(): PairedChat[] {
    return this.#accounts
      .ofKind('telegram')
      .flatMap((device) =>
        device.identity.type === 'telegram' ? [{ chat: device.identity.user, device }] : [],
      )
  }

  of(user: number): PairedChat | undefined {
    const device = this.#accounts.known({ type: 'telegram', user })
    return device === undefined ? undefined : { chat: user, device }
  }

  /** The operator whose device it is, as things are now; undefined once that has ended. */
  caller({ chat, device }: PairedChat): Caller | undefined {
    if (this.of(chat)?.device.id !== device.id) return undefined
    const operator = this.#operators.active(device.operator)
    return operator === undefined
      ? undefined
      : callerAs(operator, this.#operators, {
          door: 'telegram',
          gone: this.#gone,
          device: device.id,
        })
  }
}

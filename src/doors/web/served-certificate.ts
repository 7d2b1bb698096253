import type { Clock } from '../../base/clock.ts'
import { openCertificate, type PageCertificate } from './certificate.ts'

const DAY_MS = 86_400_000

interface CertificateParts {
  secrets: string
  host: string
  clock: Clock
  log(what: string): void
}

/** The certificate of the page while it is served. Each day it is made anew if it ends soon. */
export class ServedCertificate implements Disposable {
  readonly #parts: CertificateParts
  #current: PageCertificate
  #renewed: (certificate: PageCertificate) => void = () => undefined
  #cancel: () => void = () => undefined

  private constructor(parts: CertificateParts, current: PageCertificate) {
    this.#parts = parts
    this.#current = current
    this.#lookTomorrow()
  }

  static async open(parts: CertificateParts): Promise<ServedCertificate> {
    const { secrets, host, clock } = parts
    return new ServedCertificate(parts, await openCertificate(secrets, host, clock.now()))
  }

  get current(): PageCertificate {
    return this.#current
  }

  /** Who serves it is told when there is a newer one. */
  onRenewed(listener: (certificate: PageCertificate) => void): void {
    this.#renewed = listener
  }

  [Symbol.dispose](): void {
    this.#cancel()
    this.#renewed = () => undefined
  }

  #lookTomorrow(): void {
    this.#cancel = this.#parts.clock.after(DAY_MS, () => {
      this.#lookTomorrow()
      void this.#renew()
    })
  }

  async #renew(): Promise<void> {
    const { secrets, host, clock, log } = this.#parts
    try {
      const certificate = await openCertificate(secrets, host, clock.now())
      if (certificate.fingerprint === this.#current.fingerprint) return
      this.#current = certificate
      this.#renewed(certificate)
      log(`the page for phones has a new certificate: ${certificate.fingerprint}`)
    } catch (thrown) {
      log(`the certificate of the page could not be renewed: ${String(thrown)}`)
    }
  }
}

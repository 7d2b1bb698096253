/** The doors that are closed until somebody opens them: the page for phones, the governance API. */
export type SwitchedDoor = 'web' | 'api'

/** The doors at which anybody may knock. */
export type RefusingDoor = SwitchedDoor | 'access'

/** Where a door listens. */
export interface DoorPlace {
  /** An address of this machine. */
  host: string
  port: number
}

/** Whether a door is open, as the journal knows it. */
export interface DoorState extends DoorPlace {
  id: SwitchedDoor
  state: 'open' | 'closed'
  changedAt: number
  changedBy: string
}

/** How an open door is reached. */
export interface DoorAddress {
  /** Where it really listens. */
  place: DoorPlace
  /** `https://…`, or `http://…` where only this machine reaches it; without a path. */
  url: string
  /** SHA-256 of its certificate, in hexadecimal; '' without one. */
  fingerprint: string
  /** Until when its certificate is valid; 0 without one. */
  validUntil: number
}

/** A door as it is shown. */
export interface DoorRow extends DoorState {
  /** How it is reached; null while it is closed. */
  address: DoorAddress | null
  /** Why it does not listen although it was opened; null if it does. */
  problem: string | null
}

/** A door that listens. */
export interface OpenDoor extends AsyncDisposable {
  address: DoorAddress
}

/** Opens a door. Fault `not.possible`, when nobody can listen there. */
export type DoorOpener = (place: DoorPlace) => Promise<OpenDoor>

export interface DoorService {
  /** Every door that was opened before, with its state. */
  list(): Promise<DoorRow[]>
  /**
   * Opens a door, also after the next start. One that is open elsewhere moves. Fault
   * `not.possible`; then it stays as it was, or is closed if it had to be closed first.
   */
  open(id: SwitchedDoor, place: DoorPlace, actor: string): Promise<DoorRow>
  /** Closes a door, and ends what is done through it. Fault `not.possible`. */
  close(id: SwitchedDoor, actor: string): Promise<DoorRow>
}

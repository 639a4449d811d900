import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Where around a step, or around the transaction that makes the job terminal. */
export type Moment = 'before-run' | 'after-run' | 'before-undo' | 'after-undo' | 'before-settle' | 'after-settle'

/** One death that is ordered from a panel's process. */
export interface Order {
  /** Of the job. */
  readonly type: string
  /** Empty for the moments of settling. */
  readonly step: string
  readonly moment: Moment
  /** Processes to kill, in this order; `panel` is the process that reads this, so it comes last. */
  readonly victims: readonly ('panel' | number)[]
  /** Step whose run throws before it does its work, so that everything earlier is taken back. */
  readonly fails?: string
}

const fileOf = (home: string) => join(home, 'kill-at.json')

export function giveOrder(home: string, order: Order): void {
  writeFileSync(fileOf(home), JSON.stringify(order))
}

/** The order that stands; it is gone once it was carried out. */
export function standingOrder(home: string): Order | undefined {
  try {
    return JSON.parse(readFileSync(fileOf(home), 'utf8')) as Order
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

export function endOrder(home: string): void {
  rmSync(fileOf(home), { force: true })
}

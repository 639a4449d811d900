import { mkdirSync, mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const checkout = fileURLToPath(new URL('../../../../', import.meta.url))

/** Base images, kept between runs. */
export const cache = process.env.NUSA_SYSTEM_CACHE ?? '/var/cache/nusantara-test'

let ownRun: string | undefined

/** Everything that one run makes: `<pid>-<random>`, so that the next run can tell what a dead one left. */
export function runDirectory(): string {
  if (process.env.NUSA_SYSTEM_RUN) return process.env.NUSA_SYSTEM_RUN
  mkdirSync(join(cache, 'runs'), { recursive: true })
  ownRun ??= mkdtempSync(join(cache, 'runs', `${process.pid}-`))
  return ownRun
}

/** Logs of failed tests. */
export const output = join(checkout, '.test-output/system')

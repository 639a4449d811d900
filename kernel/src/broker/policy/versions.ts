import { accessSync, constants, readFileSync } from 'node:fs'
import { array, object, record, string } from '../schema.js'
import { readGuarded } from './source.js'

/**
 * `versions.json`: for each key the values of each distribution, and those that may have been added to it. `present` is a
 * path with `{}` for the value; a value counts when that file exists.
 */
const check = record(
  object(
    { distributions: record(values(), { max: 50, key: /^[a-z]+ [0-9.]+$/ }) },
    {
      present: string({
        max: 200,
        pattern: /^\/[^{}]*\{\}[^{}]*$/,
        says: 'must be an absolute path with {} for the value',
      }),
      others: values(),
    },
  ),
  { max: 100, key: /^[a-z][a-z0-9_-]*$/ },
)

function values() {
  return array(string({ min: 1, max: 32, pattern: /^[A-Za-z0-9][A-Za-z0-9._-]*$/, says: 'must be a version' }), {
    max: 50,
  })
}

/**
 * Values of each key that this host has, and below `<key>.known` all that may be installed on it, those of its own
 * distribution first. Reading again notices what was installed meanwhile. @throws Error
 */
export function readVersions(file: string, distribution = hostDistribution()): ReadonlyMap<string, readonly string[]> {
  const table = check(JSON.parse(readGuarded(file).toString('utf8')), '')
  return new Map(
    Object.entries(table).flatMap(([key, { distributions, others = [], present }]) => {
      const all = [...new Set([...(distributions[distribution] ?? []), ...others])]
      const here = present ? all.filter(value => exists(present.replace('{}', value))) : all
      return [
        [key, here],
        [`${key}.known`, all],
      ] as const
    }),
  )
}

/** Distributions that the table names: those the panel was made for. @throws Error */
export function knownDistributions(file: string): ReadonlySet<string> {
  const table = check(JSON.parse(readGuarded(file).toString('utf8')), '')
  return new Set(Object.values(table).flatMap(({ distributions }) => Object.keys(distributions)))
}

/** `debian 12`, from os-release(5). */
export function hostDistribution(file = '/etc/os-release'): string {
  const fields = new Map<string, string>()
  try {
    for (const row of readFileSync(file, 'utf8').split('\n')) {
      const found = /^([A-Z_]+)=(?:"([^"]*)"|(.*))$/.exec(row)
      if (found) fields.set(found[1] as string, found[2] ?? found[3] ?? '')
    }
  } catch {
    return 'unknown 0'
  }
  return `${fields.get('ID') ?? 'unknown'} ${fields.get('VERSION_ID') ?? '0'}`
}

export function exists(file: string): boolean {
  try {
    accessSync(file, constants.F_OK)
    return true
  } catch {
    return false
  }
}

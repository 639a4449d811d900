import { CheckFailed } from '../errors.js'
import type { Rendered } from './member.js'
import type { StagedCheck } from './staged-check.js'

/**
 * Finds the members that pass the check of the whole configuration together. Halves are checked on top of what was
 * accepted before, so two changes that only clash with each other cost one of them.
 *
 * @param refuse is told which member alone does not pass, and why
 */
export async function sieve(
  check: StagedCheck,
  service: string,
  candidates: readonly Rendered[],
  refuse: (rendered: Rendered, problem: Error) => Promise<void>,
): Promise<Rendered[]> {
  for (const { contents } of candidates) for (const { path, bytes, link } of contents) check.put(path, bytes, link)
  const output = await check.run()
  if (output === null) return [...candidates]
  for (const { contents } of candidates) for (const { path } of contents) check.revert(path)
  const [only] = candidates
  if (candidates.length === 1 && only) {
    await refuse(only, CheckFailed({ service, output }))
    return []
  }
  const middle = Math.ceil(candidates.length / 2)
  const first = await sieve(check, service, candidates.slice(0, middle), refuse)
  return [...first, ...(await sieve(check, service, candidates.slice(middle), refuse))]
}

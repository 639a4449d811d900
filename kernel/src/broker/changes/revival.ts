import type { CompiledPolicy } from '../policy.js'
import type { ResolvedService, ServiceRef } from '../services.js'
import { revisionFile, revisionIn } from './compile.js'
import type { ChangeDeps } from './deps.js'
import { readDisk } from './disk.js'
import type { Pipelines } from './pipelines.js'
import { Reloading } from './reloading.js'

/** Reloads before it is said that a service runs on something else than its files. */
const tries = 3

/** Makes a service that ran while its files were put back under it take them again. Says so when it does not. */
export async function takeFilesAgain(deps: ChangeDeps, pipelines: Pipelines, ref: ServiceRef): Promise<void> {
  try {
    const policy = deps.policy.current(ref.plugin)
    const service = deps.services.resolve(ref)
    await pipelines.of(service, policy.digest).exclusively(async () => {
      if (!(await deps.services.status(ref)).active) return
      await reloadUntilAnswered(deps, policy, service)
      await deps.journal.record('recovery', 'change.apply', { service: ref, reloaded: true })
    })
  } catch (error) {
    deps.warn(`service ${ref.service} runs on a configuration that was taken back: ${(error as Error).message}`)
  }
}

/** Until the revision that stands in the service's file answers; a signal sent amid a reload may be lost. */
async function reloadUntilAnswered(deps: ChangeDeps, policy: CompiledPolicy, service: ResolvedService): Promise<void> {
  const reloading = new Reloading(deps, service)
  const rule = Object.values(policy.privileges.changes ?? {}).find(
    change => change.service === service.ref.service && change.probe?.kind === 'http',
  )
  const mark = revisionFile(deps.host, service)
  const disk = mark && (await readDisk(mark.path))
  const revision = mark && disk ? revisionIn(mark, disk.bytes) : undefined
  const probes = rule ? [{ rule, params: service.params }] : []
  for (let left = tries; ; left--) {
    await reloading.bring('running', probes)
    try {
      return await reloading.probe('running', probes, revision)
    } catch (error) {
      if (left === 1) throw error
    }
  }
}

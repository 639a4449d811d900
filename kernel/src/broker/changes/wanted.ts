import type { ResolvedService } from '../services.js'
import type { ChangeServices } from './deps.js'
import type { Ledger } from './ledger.js'
import type { Member } from './member.js'
import { remains } from './plan.js'

/** What a service shall do after a batch; `untouched`: it does not run, and nobody asked that it should. */
export type Wanted = 'running' | 'stopped' | 'untouched'

/** A service that follows its files stops with the last of them; any other runs. */
export async function wantedOf(
  members: readonly Member[],
  service: ResolvedService,
  ledger: Ledger,
  services: Pick<ChangeServices, 'status'>,
): Promise<Wanted> {
  if (members.every(({ compiled }) => compiled.rule.ensure === 'follow')) {
    const files = members.flatMap(({ compiled }) => compiled.files)
    return remains({ files, service }, ledger) ? 'running' : 'stopped'
  }
  const mayStay = members.every(({ keepStopped }) => keepStopped)
  return mayStay && !(await services.status(service.ref)).active ? 'untouched' : 'running'
}

import type { Actor, JobState } from '@nusantara/sdk'
import type { Site, SiteSpec } from '../api.js'
import { BeingDeleted, NotCreated, PanelOfAdministrators, SuspendedByAdministrator } from './errors.js'
import { namesOf } from './models/site-row.js'

/** What the owner of a site cannot do while an administrator has it suspended. */
type Withheld = 'resume' | 'delete' | 'rename'

/**
 * Where the panel is published, nobody but an administrator decides about the name: who could take it away, or say what
 * else is sent to its visitors, would stand between administrators and their panel.
 *
 * @throws sites.panel_of_administrators
 */
function requireAuthorityOverPanel({ runtime, unicodeDomain: domain }: Site, actor: Actor): void {
  if (runtime.type === 'panel' && !actor.admin) throw PanelOfAdministrators({ domain })
}

/**
 * What an administrator suspended stays suspended: nobody below lifts it, nor deletes the site or takes a name from it,
 * which would let the name be published anew.
 *
 * @throws sites.suspended_by_administrator, sites.panel_of_administrators
 */
export function requireAuthority(site: Site, actor: Actor, action: Withheld): void {
  requireAuthorityOverPanel(site, actor)
  const { suspension, unicodeDomain } = site
  if (actor.admin || suspension?.by !== 'administrator') return
  throw SuspendedByAdministrator({
    domain: unicodeDomain,
    action,
    at: suspension.at,
    reason: suspension.reason ?? 'none',
  })
}

/** What the change of a site asks of {@link requireAuthority}. @throws sites.suspended_by_administrator, sites.panel_of_administrators */
export function requireAuthorityToChange(before: Site, after: SiteSpec, actor: Actor): void {
  requireAuthorityOverPanel(before, actor)
  if (before.suspended && !after.suspended) requireAuthority(before, actor, 'resume')
  const kept = new Set(namesOf(after))
  if (namesOf(before).some(name => !kept.has(name))) requireAuthority(before, actor, 'rename')
}

/**
 * A site can be changed while it is there: made, and not about to go. One that is being made takes changes for later.
 *
 * @param jobState of the job that makes or deletes it
 * @throws sites.being_deleted, sites.not_created
 */
export function requireStanding({ state, job, unicodeDomain: domain }: Site, jobState: JobState | null): void {
  if (state === 'deleting') throw BeingDeleted({ domain, job: job ?? '' })
  if (state === 'pending' && !isLive(jobState)) throw NotCreated({ domain, job: job ?? '' })
}

/** A job that will come to an end by itself. */
export function isLive(state: JobState | null): boolean {
  return state === 'queued' || state === 'running'
}

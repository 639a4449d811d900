import type { Component } from '../api.js'

/** Whether this panel would install it now, and not finish it. */
export function isOffered({ state, installable }: Component): boolean {
  return state === 'available' && installable
}

/** What a server with none of it most probably wants: the web server, and the newest PHP. Empty once something is there. */
export function suggestionOf(components: readonly Component[]): readonly Component[] {
  if (components.some(({ state }) => state === 'installed' || state === 'broken')) return []
  const offered = components.filter(isOffered)
  const newest = offered
    .filter(({ kind }) => kind === 'php')
    .sort((a, b) => b.id.localeCompare(a.id, 'en', { numeric: true }))
    .slice(0, 1)
  return [...offered.filter(({ kind }) => kind === 'web'), ...newest]
}

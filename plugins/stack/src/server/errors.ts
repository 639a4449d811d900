import { defineProblem } from '@nusantara/sdk'

/** In the path: there is no such thing to look at. */
export const ComponentNotFound = defineProblem<{ component: string }>('stack.not_found', 404, () => ({
  path: 'component',
  in: 'path',
}))
/** In a body: a value that is none of those that can be. */
export const ComponentUnknown = defineProblem<{ component: string; index: number; known: string }>(
  'stack.component_unknown',
  422,
  ({ index }) => ({ path: `components.${index}` }),
)
/** This panel installs nothing on its host. */
export const InstallationRefused = defineProblem<{ names: string }>('stack.refused', 409)
/** What has to be installed is not what was agreed to: somebody fetched new package lists in between. */
export const VersionsMoved = defineProblem<{ packages: string }>('stack.versions_moved', 409)

import { readdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { InjectionToken } from 'tsyringe'
import type { RouteRegistry } from './http/route-registry.js'

export interface AreaRoutes {
  register(registry: RouteRegistry): void
}

type AreaRoutesClass = InjectionToken<AreaRoutes>

const here = dirname(fileURLToPath(import.meta.url))

/** Every area's `*Routes` class, found by the file name `<area>/<what>.routes.js`. */
export async function kernelRoutes(): Promise<AreaRoutesClass[]> {
  const files = (await readdir(here, { recursive: true })).filter(file => file.endsWith('.routes.js')).sort()
  const modules = await Promise.all(files.map(file => import(pathToFileURL(join(here, file)).href)))
  return modules.flatMap((module: Record<string, unknown>) =>
    Object.entries(module)
      .filter(([name, value]) => name.endsWith('Routes') && typeof value === 'function')
      .map(([, value]) => value as AreaRoutesClass),
  )
}

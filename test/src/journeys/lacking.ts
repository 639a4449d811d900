import type { Visitor } from './visitor.js'

interface Component {
  readonly id: string
  readonly kind: string
  readonly state: string
}

/**
 * From now on the list of software is answered as by a server that could install what the sandbox lacks, or, where it is `bare`,
 * all of it. What is asked for after that the sandbox refuses in its own words.
 */
export async function lackSoftware({ page }: Visitor, { bare = false } = {}): Promise<void> {
  const offered = ({ id, kind }: Component) => ({
    id,
    kind,
    state: 'available',
    candidate: '1:7.0.15-1',
    installable: true,
  })
  await page.route(/\/api\/v1\/stack(?:\?|$)/, async route => {
    const response = await route.fetch()
    const { items } = (await response.json()) as { items: Component[] }
    const shown = items.map(item => (bare || item.state !== 'installed' ? offered(item) : item))
    await route.fulfill({ response, json: { items: shown, total: shown.length } })
  })
}

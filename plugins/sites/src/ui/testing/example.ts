import type { Site } from '../../api.js'

/** A site as the API answers with it. */
export function exampleSite(site: Partial<Site> = {}): Site {
  return {
    id: 'one',
    tenant: 'saaaaaaaaaa' as Site['tenant'],
    accountId: 'account',
    state: 'active',
    domain: 'example.test',
    unicodeDomain: 'example.test',
    aliases: [],
    runtime: { type: 'static' },
    documentRoot: 'public',
    index: ['index.html'],
    errorPages: {},
    uploadLimit: '16m',
    directives: '',
    suspended: false,
    createdAt: '2026-01-01T00:00:00.000Z',
    updatedAt: '2026-01-01T00:00:00.000Z',
    ...site,
  }
}

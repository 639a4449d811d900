import type { TenantId } from '@nusantara/sdk'
import type { Site } from '../api.js'

/** A static site as tests change it. */
export function exampleSite(changes: Partial<Site> = {}): Site {
  return {
    id: '0192d3f0-0000-7000-8000-000000000001',
    tenant: 'saaaaaaaaaa' as TenantId,
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
    ...changes,
  }
}

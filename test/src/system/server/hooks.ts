// Loaded before every system test: keeps what explains a failure, and leaves no server behind.
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { debian } from './distribution.js'
import { output } from './places.js'
import { Server } from './server.js'

interface Context {
  readonly currentTest?: { readonly state?: string; fullTitle(): string }
  timeout(ms: number): void
}

async function keep(title: string): Promise<void> {
  const folder = join(output, debian.suite, title.replaceAll(/[^\w-]+/g, '-').slice(0, 120))
  await rm(folder, { recursive: true, force: true })
  for (const server of Server.all) {
    await server.keepLogs(join(folder, server.name))
    process.stdout.write(`      logs of ${server.name}: ${join(folder, server.name)}\n`)
  }
}

export const mochaHooks = {
  async afterEach(this: Context): Promise<void> {
    this.timeout(60_000)
    if (this.currentTest?.state === 'failed') await keep(this.currentTest.fullTitle())
  },
  async afterAll(this: Context): Promise<void> {
    this.timeout(120_000)
    for (const server of Server.all) await server.remove()
  },
}

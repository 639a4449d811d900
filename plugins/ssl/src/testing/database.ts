export interface TestDatabase {
  readonly url: string
  stop(): Promise<void>
}

/** An empty database on a PostgreSQL of its own. */
export async function startDatabase(): Promise<TestDatabase> {
  // Not a literal: a plugin does not depend on the kernel, its tests need it.
  const kernel: string = '@nusantara/kernel/testing'
  const { startPostgres } = (await import(kernel)) as {
    startPostgres(): Promise<{ createDatabase(): Promise<string>; stop(): Promise<void> }>
  }
  const server = await startPostgres()
  return { url: await server.createDatabase(), stop: () => server.stop() }
}

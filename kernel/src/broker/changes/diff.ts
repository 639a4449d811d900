/** Larger contents are compared by hash alone: a diff of them helps nobody and takes long. */
const maxDiffBytes = 256 * 1024

export interface Sides {
  readonly path: string
  readonly before: Buffer | null
  readonly after: Buffer | null
  readonly secret: boolean
}

/** Unified diff of one file; for secret ones a sentence with both hashes. '' when both are the same. */
export async function diffOf({ path, before, after, secret }: Sides): Promise<string> {
  if (before && after ? before.equals(after) : before === after) return ''
  if (secret || (before?.length ?? 0) > maxDiffBytes || (after?.length ?? 0) > maxDiffBytes) {
    const { sha256 } = await import('./blobs.js')
    const named = (bytes: Buffer | null) => (bytes ? `sha256:${sha256(bytes)}` : 'absent')
    return `${path}: ${named(before)} → ${named(after)}`
  }
  // Loaded when first needed: most changes are applied without anybody looking.
  const { createTwoFilesPatch } = await import('diff')
  const name = (bytes: Buffer | null, side: string) => (bytes ? `${side}${path}` : '/dev/null')
  const patch = createTwoFilesPatch(
    name(before, 'a'),
    name(after, 'b'),
    text(before),
    text(after),
    undefined,
    undefined,
    {
      context: 3,
    },
  )
  return patch.replace(/^=+\n/, '')
}

/** Text that is safe to show: other control characters than line feed and tab are made visible. */
function text(bytes: Buffer | null): string {
  return (bytes?.toString('utf8') ?? '').replaceAll(
    /[^\P{Cc}\n\t]/gu,
    character => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`,
  )
}

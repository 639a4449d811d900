import type { Host } from '../host.js'
import type { ResolvedService } from '../services.js'
import { sha256 } from './blobs.js'
import { type CompiledFile, revisionFile } from './compile.js'
import { readDisk } from './disk.js'
import type { Content } from './installer.js'
import type { Prepared, PreparedFile, Rendered } from './member.js'
import type { FileRecord } from './records.js'

/** The revision file of a service under one revision, and what stood in it before. */
export interface Mark {
  readonly file: CompiledFile
  readonly content: Content
  readonly record: FileRecord
  readonly before: Buffer | undefined
}

export async function renderMark(host: Host, service: ResolvedService, revision: string): Promise<Mark | undefined> {
  const file = revisionFile(host, service)
  if (!file) return undefined
  const disk = await readDisk(file.path)
  return { file, ...renderFile({ compiled: file, disk, applied: undefined }, revision), before: disk?.bytes }
}

export function render(prepared: Prepared, revision: string): Rendered {
  const files = prepared.files.map(file => renderFile(file, revision))
  return { prepared, contents: files.map(({ content }) => content), records: files.map(({ record }) => record) }
}

/** What the batch replaces: kept until nobody can ask for it back. */
export function contentsBefore(rendered: readonly Rendered[], mark: Mark | undefined): readonly Buffer[] {
  const files = rendered.flatMap(({ prepared }) => prepared.files.flatMap(({ disk }) => disk?.bytes ?? []))
  return mark?.before ? [...files, mark.before] : files
}

function renderFile(
  { compiled, disk, applied }: PreparedFile,
  revision: string,
): { readonly content: Content; readonly record: FileRecord } {
  const bytes = compiled.render(revision)
  const { file, path, mode, uid, gid, mayBeLink, link } = compiled
  return {
    content: { path, bytes, mode, uid, gid, ...(link && { link }) },
    record: {
      file,
      path,
      before: disk?.sha ?? null,
      ...(disk && { mode: disk.mode, uid: disk.uid, gid: disk.gid }),
      after: bytes && sha256(bytes),
      ...(mayBeLink && { mayBeLink: true as const }),
      ...(disk?.link && { linkBefore: true as const }),
      ...(applied?.revision !== undefined && { revisionBefore: applied.revision }),
    },
  }
}

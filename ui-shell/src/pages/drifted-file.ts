/** An entry of `GET /api/v1/drift`. */
export interface DriftedFile {
  readonly plugin: string
  readonly path: string
  readonly kind: 'modified' | 'missing' | 'foreign'
  readonly diff: string
  /** Of the edit as it was shown. */
  readonly hash: string
}

/** What is to become of an edit. */
export interface Settling {
  readonly file: DriftedFile
  readonly action: 'adopt' | 'discard'
}

/** A body that is not JSON, returned by kernel routes alone: text, a download, or a stream that ends when its source does. */
export class Content {
  constructor(
    /** The Content-Type header. */
    readonly type: string,
    readonly body: string | Buffer | AsyncIterable<string | Uint8Array>,
    readonly options: ContentOptions = {},
  ) {}
}

export interface ContentOptions {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  /** A strong entity tag without its quotes; a matching If-None-Match is answered with 304. */
  readonly etag?: string
  /** Compresses the body for clients that accept it and keeps the result under the entity tag. */
  readonly compress?: boolean
  /** The stream lives as long as its client and does not hold up a drain: it is ended when the server stops. */
  readonly live?: boolean
  /** Cuts a stream in its middle. */
  readonly signal?: AbortSignal
}

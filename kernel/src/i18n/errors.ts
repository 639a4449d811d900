import { defineProblem } from '@nusantara/sdk'

/** A catalogue holds something other than texts by key. */
export const CatalogueRejected = defineProblem<{ owner: string; locale: string; key: string }>(
  'catalogue_rejected',
  500,
)

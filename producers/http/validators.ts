/** By what a server recognises the version that is known already. */
export interface Validators {
  etag?: string | null
  lastModified?: string | null
}

export const validatorsOf = ({ etag, lastModified }: Validators): Validators => ({
  etag: etag ?? null,
  lastModified: lastModified ?? null,
})

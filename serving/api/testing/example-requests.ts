/** As much of an OpenAPI document as is read here. */
export interface ApiDocument {
  paths?: Record<string, { get?: ApiOperation; post?: ApiOperation } | undefined>
}

export interface ApiOperation {
  operationId?: string
  parameters?: { in: string; name: string; example?: unknown }[]
  responses?: Record<string, { content?: Record<string, { schema?: object; example?: unknown }> }>
}

export interface ExampleRequest {
  operationId: string
  url: string
  /** Of the JSON of the answer. */
  schema: object
}

/** For each GET of the document that answers in JSON, the request that its own example parameters make. */
export const exampleRequests = ({ paths }: ApiDocument): ExampleRequest[] =>
  Object.entries(paths ?? {}).flatMap(([path, item]) => {
    const get = item?.get
    const answer = get?.responses?.['200']
    const schema = answer?.content?.['application/json']?.schema
    if (!get?.operationId || !schema) return []
    const query = new URLSearchParams()
    let url = path
    for (const { in: place, name, example } of get.parameters ?? []) {
      if (example === undefined) continue
      if (place === 'path') url = url.replace(`{${name}}`, encodeURIComponent(String(example)))
      else for (const value of [example].flat()) query.append(name, String(value))
    }
    return [{ operationId: get.operationId, url: query.size > 0 ? `${url}?${query}` : url, schema }]
  })

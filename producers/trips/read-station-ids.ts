import { openFiles, readCsvRows } from '@velocast/recordings'

/**
 * A mapping file of two columns, the id in the trips and the feed's, below a first line that names them. Throws an error that
 * names the line that is no such pair.
 */
export const readStationIds = async (path: string): Promise<Map<string, string>> => {
  const ids = new Map<string, string>()
  let line = 0
  for await (const { bytes } of openFiles(path))
    for await (const rows of readCsvRows(bytes))
      for (const row of rows) {
        line += 1
        if (line === 1) continue
        const [from = '', to = ''] = row.map((field) => field.trim())
        if (from === '' || to === '' || row.length !== 2)
          throw new Error(
            `${path}, row ${line}: "${row.join(',')}" is not the id in the trips, a comma, and the feed's id`,
          )
        ids.set(from, to)
      }
  return ids
}

export { findFiles, isReadable } from './find-files.ts'
export { momentOf } from './moment-of.ts'
export { type OpenFile, type OpenOptions, openFiles } from './open-files.ts'
export { type CsvRows, readCsvRows } from './read-csv-rows.ts'
export { readInTimeOrder, type TimeOrderOptions } from './read-in-time-order.ts'
export { readRecording } from './read-recording.ts'
export {
  type RecordedDocument,
  type RecordedKind,
  recordedDocument,
  stationsIn,
} from './recorded-document.ts'

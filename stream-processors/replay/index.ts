export { readRate, readSource, readWindow } from './read-window.ts'
export {
  type ReplayContext,
  type ReplayReport,
  type ReplayRequest,
  replayDatabase,
  runReplay,
} from './run-replay.ts'

import { createLogger } from '@velocast/runtime'

/** For what takes a log and is not tested for what it says. */
export const silentLog = createLogger('test', 'silent')

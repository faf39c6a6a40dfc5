import { runService } from '@velocast/runtime'
import { timescaleSink } from './service.ts'

await runService(timescaleSink, process)

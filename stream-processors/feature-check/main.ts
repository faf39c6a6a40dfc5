import process from 'node:process'
import { runService } from '@velocast/runtime'
import { featureCheckService } from './service.ts'

await runService(featureCheckService, process)

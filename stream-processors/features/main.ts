import process from 'node:process'
import { runService } from '@velocast/runtime'
import { featuresService } from './service.ts'

await runService(featuresService, process)

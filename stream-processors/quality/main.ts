import process from 'node:process'
import { runService } from '@velocast/runtime'
import { qualityService } from './service.ts'

await runService(qualityService, process)

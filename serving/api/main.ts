import process from 'node:process'
import { runService } from '@velocast/runtime'
import { apiService } from './service.ts'

await runService(apiService, process)

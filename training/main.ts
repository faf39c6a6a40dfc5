import process from 'node:process'
import { runService } from '@velocast/runtime'
import { trainingService } from './service.ts'

await runService(trainingService, process)

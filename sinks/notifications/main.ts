import { runService } from '@velocast/runtime'
import { notifications } from './service.ts'

await runService(notifications, process)

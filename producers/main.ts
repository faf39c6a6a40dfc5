import { runService } from '@velocast/runtime'
import { producersService } from './service.ts'

await runService(producersService(process.env), process)

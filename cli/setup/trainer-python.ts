import { join } from 'node:path'
import { installPythonEnvironment, type StackProgress } from '@velocast/local-stack'
import { checkoutFolder } from '../folders.ts'
import type { Progress } from '../terminal/progress.ts'

/** The interpreter of the trainer's environment, which is installed where it is not there. */
export const trainerPython = async (progress: Progress, signal?: AbortSignal): Promise<string> => {
  const folder = await progress.step('Python environment of the trainer', (step) =>
    installPythonEnvironment({
      name: 'trainer',
      requirementsFile: join(checkoutFolder, 'training', 'trainer', 'requirements.lock'),
      onProgress: ({ detail }: StackProgress) => step.say(detail),
      ...(signal ? { signal } : {}),
    }),
  )
  return join(folder, 'bin', 'python')
}

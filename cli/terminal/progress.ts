/**
 * Progress for people: on a terminal one line a step that rewrites itself, elsewhere a line when a step begins, one now
 * and then while it lasts, and one when it is done.
 */
export interface Step {
  /** What is happening within the step. */
  say: (detail: string) => void
  /** How far it is: 0 to 1, drawn as a bar. */
  at: (share: number, detail: string) => void
}

export interface Progress {
  step: <T>(title: string, work: (step: Step) => Promise<T>) => Promise<T>
  line: (text?: string) => void
}

export interface ProgressOutput {
  write: (text: string) => void
  isTerminal: boolean
  columns: number
}

const BAR_CELLS = 24
const REDRAW_MS = 120
const REPORT_MS = 5_000

export const createProgress = (output: ProgressOutput, now: () => number): Progress => {
  const drawn = new Map<symbol, string>()
  let linesOnScreen = 0

  const redraw = (): void => {
    if (!output.isTerminal) return
    const lines = [...drawn.values()]
    const up = linesOnScreen > 0 ? `\x1b[${linesOnScreen}A` : ''
    output.write(`${up}\x1b[J${lines.map((text) => `${text.slice(0, output.columns - 1)}\n`).join('')}`)
    linesOnScreen = lines.length
  }

  const line = (text = ''): void => {
    if (output.isTerminal && linesOnScreen > 0) {
      output.write(`\x1b[${linesOnScreen}A\x1b[J`)
      linesOnScreen = 0
    }
    output.write(`${text}\n`)
    redraw()
  }

  return {
    line,
    async step(title, work) {
      const id = Symbol(title)
      const startedAt = now()
      const seconds = (): string => `${((now() - startedAt) / 1000).toFixed(1)} s`
      let detail = ''
      let reportedAt = now()
      const draw = (): void => {
        drawn.set(id, `· ${title}  ${detail}  ${seconds()}`)
        redraw()
      }
      const tick = (): void => {
        if (output.isTerminal) draw()
        if (output.isTerminal || now() - reportedAt < REPORT_MS) return
        reportedAt = now()
        output.write(`  ${title}: ${detail || 'at work'}, ${seconds()}\n`)
      }
      if (!output.isTerminal) output.write(`· ${title}\n`)
      // What is still under way when the command is interrupted must not keep it alive.
      const timer = setInterval(tick, REDRAW_MS).unref()
      const finish = (mark: string, what: string): void => {
        clearInterval(timer)
        drawn.delete(id)
        line(`${mark} ${title}  ${what}${seconds()}`)
      }
      try {
        const result = await work({
          say(text) {
            detail = text
          },
          at(share, text) {
            const filled = Math.round(Math.max(0, Math.min(1, share)) * BAR_CELLS)
            detail = `${'█'.repeat(filled)}${'░'.repeat(BAR_CELLS - filled)} ${Math.floor(share * 100)} %  ${text}`
          },
        })
        finish('✓', '')
        return result
      } catch (error) {
        finish('✗', '')
        throw error
      }
    },
  }
}

/**
 * What Node is to be started with to run the predictor; nothing else can set it. With the usual 32 MB of a young generation, what a model works
 * out before it takes over is copied in one stall of some ten milliseconds, or two, which is what the slowest answers of a promotion
 * waited for; that of threads is their own. And a heap may grow to twice what is alive before V8 marks it, as a rule to two and a
 * half times or more: what it has once had it hardly gives back.
 */
export const nodeOptions: readonly string[] = ['--max-semi-space-size=8', '--heap-growing-percent=100']

/**
 * What Node is to be started with to run the predictor; nothing else can set it. With the usual 32 MB, what a model works out before it
 * takes over is copied in one stall of some ten milliseconds, or two, which is what the slowest answers of a promotion waited for. The
 * young generation of threads is their own.
 */
export const nodeOptions: readonly string[] = ['--max-semi-space-size=8']

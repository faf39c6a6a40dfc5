/** Operators by number, for those who write instructions (TypeScript) and those who run them (AssemblyScript): this file is read as either. */

export const OPERATOR_ADD = 0
export const OPERATOR_SUB = 1
export const OPERATOR_MUL = 2
export const OPERATOR_DIV = 3
export const OPERATOR_MAX = 4
export const OPERATOR_CLIP = 5
export const OPERATOR_IS_NAN = 6
export const OPERATOR_WHERE = 7
export const OPERATOR_SIGMOID = 8
export const OPERATOR_EXP = 9
export const OPERATOR_MAT_MUL = 10
export const OPERATOR_REDUCE_SUM = 11
export const OPERATOR_GATHER = 12

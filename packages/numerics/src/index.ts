export { chiSquaredUpperTail } from "./chi-squared.ts";
export { BLOCK_ROWS, type ColumnBlock, crossProductsInto, productsInto } from "./cross-products.ts";
export { log1pExp, logistic, logit } from "./logistic.ts";
export { erfc, normalCdf, normalQuantile, normalUpperTail, twoSidedP } from "./normal.ts";
export { CompensatedSum, CompensatedVector, sum } from "./sums.ts";
export {
  type CholeskyFactor,
  type Factored,
  factorCholesky,
  invertCholesky,
  PIVOT_MIN,
  packedDiagonal,
  packedIndex,
  packedLength,
  quadraticForm,
  solveCholesky,
  transformSymmetric,
  whitenCholesky,
} from "./symmetric.ts";

export {
  BLOCK_ROWS,
  type ColumnTable,
  PRODUCT_COLUMNS_MAX,
  type ProductBlock,
  type ProductShape,
  type ProductSums,
  type RowRange,
  sumBlocks,
  sumColumns,
  sumProducts,
} from "./products.ts";
export { addRingInto, RING_BLOCK_BYTES_MAX, type RingBits, RingBlock } from "./ring.ts";

export { addRingInto, RING_BLOCK_BYTES_MAX, type RingBits, RingBlock } from "./ring.ts";
